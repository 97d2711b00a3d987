package io.janus.ffi.windows;

import java.lang.foreign.Arena;

/** WSAStartup, once for the process and for good: other libraries of the process may rely on it, so nobody calls WSACleanup. */
public final class WinsockStart {
  /** 0, or the negative error; initialising this class starts Windows Sockets. */
  public static final int RESULT = start();

  private WinsockStart() {}

  private static int start() {
    try (Arena scratch = Arena.ofConfined()) {
      return Winsock2.wsaStartup(Wsadata.VERSION, scratch.allocate(Wsadata.LAYOUT));
    }
  }
}
