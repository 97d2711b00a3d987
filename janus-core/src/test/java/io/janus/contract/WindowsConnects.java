package io.janus.contract;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.ffi.call.Errno;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.WinsockConstant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Whether a connect has been answered, as Windows tells it: by the seconds since then (SO_CONNECT_TIME). */
final class WindowsConnects {
  private static final int NOT_CONNECTED = -1;
  private static final int SO_CONNECT_TIME = 0x700C;

  private WindowsConnects() {}

  static boolean isConnected(long socket) {
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment seconds = arena.allocateFrom(JAVA_INT, NOT_CONNECTED);
      MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
      return Winsock2.getsockopt(errno, socket, WinsockConstant.SOL_SOCKET,
          SO_CONNECT_TIME, seconds, length) >= 0
          && seconds.get(JAVA_INT, 0) != NOT_CONNECTED;
    }
  }
}
