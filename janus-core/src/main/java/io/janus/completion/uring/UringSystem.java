package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.linux.SocketConstant;
import io.janus.ffi.linux.SysSocket;
import io.janus.ffi.linux.SysUring;
import io.janus.ffi.linux.Unistd;
import io.janus.ffi.linux.Uring;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/** This machine's kernel. It is the only class of its kind outside tests, so the compiler binds its calls. */
final class UringSystem implements UringCalls {
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** The kernel rounds it up to a tick of its clock. */
  private static final long LONGEST_WAIT_MICROS = 1_000;

  @Override
  public int setup(Errno errno, int entries, MemorySegment params) {
    return patiently(() -> SysUring.setup(errno, entries, params));
  }

  /**
   * What a closed ring had locked is given back a moment after its close, so a refusal for want of memory is asked again; and so is what
   * says by itself that it holds for the moment.
   */
  private static int patiently(IntSupplier call) {
    int result = call.getAsInt();
    for (int i = 1; i < UringErrors.TRIES && UringErrors.isForTheMoment(result); i++) {
      if (result != ErrorCode.INTERRUPTED) {
        LockSupport.parkNanos(REST_NANOS);
      }
      result = call.getAsInt();
    }
    return result;
  }

  @Override
  public MemorySegment map(Errno errno, int fd, long offset, long bytes) throws OsException {
    return NativeMemory.mapShared(errno, fd, offset, bytes);
  }

  @Override
  public void unmap(MemorySegment memory) {
    NativeMemory.unmap(memory);
  }

  @Override
  public int enter(
      Errno errno,
      int fd,
      int toSubmit,
      int minComplete,
      int flags,
      MemorySegment argument,
      long argumentBytes) {
    return SysUring.enter(errno, fd, toSubmit, minComplete, flags, argument, argumentBytes);
  }

  @Override
  public int register(Errno errno, int fd, int opcode, MemorySegment argument, int count) {
    if (opcode == Uring.REGISTER_RING_FDS) {
      // A thread that has no place left for one more ring has none in a moment either, and the ring works without.
      return SysUring.register(errno, fd, opcode, argument, count);
    }
    return patiently(() -> SysUring.register(errno, fd, opcode, argument, count));
  }

  @Override
  public int boundWaits(Errno errno, int socket, MemorySegment time) {
    time.set(JAVA_LONG, 0, 0L);
    time.set(JAVA_LONG, Long.BYTES, LONGEST_WAIT_MICROS);
    int result = setTime(errno, socket, SocketConstant.SO_RCVTIMEO, time);
    return result < 0 ? result : setTime(errno, socket, SocketConstant.SO_SNDTIMEO, time);
  }

  private static int setTime(Errno errno, int socket, int option, MemorySegment time) {
    return SysSocket.setsockopt(errno, socket, SocketConstant.SOL_SOCKET, option, time, 16);
  }

  @Override
  public void close(Errno errno, int fd) {
    Unistd.close(errno, fd);
  }
}
