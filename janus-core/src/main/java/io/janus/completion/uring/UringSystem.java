package io.janus.completion.uring;

import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.linux.SysMman;
import io.janus.ffi.linux.SysUring;
import io.janus.ffi.linux.Unistd;
import java.lang.foreign.MemorySegment;

/** This machine's kernel. It is the only class of its kind outside tests, so the compiler binds its calls. */
final class UringSystem implements UringCalls {
  @Override
  public int setup(Errno errno, int entries, MemorySegment params) {
    return SysUring.setup(errno, entries, params);
  }

  @Override
  public MemorySegment map(Errno errno, int fd, long offset, long bytes) throws OsException {
    return SysMman.mapShared(errno, fd, offset, bytes);
  }

  @Override
  public void unmap(MemorySegment memory) {
    SysMman.unmap(memory);
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
    return SysUring.register(errno, fd, opcode, argument, count);
  }

  @Override
  public void close(Errno errno, int fd) {
    Unistd.close(errno, fd);
  }
}
