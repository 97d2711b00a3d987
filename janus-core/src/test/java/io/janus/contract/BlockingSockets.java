package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.SystemName;
import io.janus.ffi.linux.SysIoctl;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.WinsockConstant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Makes sockets as they come from elsewhere: a verb on one waits. */
final class BlockingSockets {
  private BlockingSockets() {}

  static long block(long socket) {
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment off = arena.allocate(Integer.BYTES, 4);
      int result =
          SystemName.WINDOWS
              ? Winsock2.ioctlsocket(errno, socket, WinsockConstant.FIONBIO, off)
              : SysIoctl.ioctl(errno, (int) socket, SysIoctl.FIONBIO, off);
      assertThat(result).isZero();
    }
    return socket;
  }
}
