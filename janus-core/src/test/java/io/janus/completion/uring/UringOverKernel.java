package io.janus.completion.uring;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.PortOptions;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.linux.Uring;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Sockets;
import java.lang.foreign.MemorySegment;

/** Puts the real {@link UringPort} on a kernel that is not this machine's. */
public final class UringOverKernel {
  /** A kernel, as far as one ring meets it. Results are as {@link UringCalls} has them. */
  public interface Kernel {
    /** io_uring_setup(2): fills the params and answers a descriptor. */
    int setup(int entries, MemorySegment params);

    /** The memory of both rings, or of the entries. */
    MemorySegment map(boolean ofEntries, long bytes);

    /** Takes memory back. */
    void unmap(MemorySegment memory);

    /** io_uring_enter(2). */
    int enter(int fd, int toSubmit, int minComplete, int flags, MemorySegment argument,
        long argumentBytes);

    /** io_uring_register(2). */
    int register(int fd, int opcode, MemorySegment argument, int count);

    /** The descriptor is closed. */
    void close(int fd);
  }

  private record Calls(Kernel kernel) implements UringCalls {
    @Override
    public int setup(Errno errno, int entries, MemorySegment params) {
      return kernel.setup(entries, params);
    }

    @Override
    public MemorySegment map(Errno errno, int fd, long offset, long bytes) {
      return kernel.map(offset == Uring.OFF_SQES, bytes);
    }

    @Override
    public void unmap(MemorySegment memory) {
      kernel.unmap(memory);
    }

    @Override
    public int enter(Errno errno, int fd, int toSubmit, int minComplete, int flags,
        MemorySegment argument, long argumentBytes) {
      // As the real calls do, so that a use after close or on another thread shows here too.
      errno.state();
      return kernel.enter(fd, toSubmit, minComplete, flags, argument, argumentBytes);
    }

    @Override
    public int register(Errno errno, int fd, int opcode, MemorySegment argument, int count) {
      errno.state();
      return kernel.register(fd, opcode, argument, count);
    }

    @Override
    public void close(Errno errno, int fd) {
      kernel.close(fd);
    }
  }

  private UringOverKernel() {}

  /** Opens the port for the calling thread. */
  public static CompletionPort open(
      Kernel kernel, Sockets sockets, BufferPool pool, Limits limits, Counters counters,
      PortOptions options) throws OsException {
    return new UringPort(new Calls(kernel), sockets, pool, limits, counters,
        options.directDescriptors(), options.zeroCopyBytes());
  }
}
