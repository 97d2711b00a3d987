package io.janus.ffi.linux;

/** The constants of sys/socket.h, netinet/in.h and netinet/tcp.h that are used here (x86-64 and aarch64 agree). */
public final class SocketConstant {
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_NONBLOCK = 0x800;
  public static final int SOCK_CLOEXEC = 0x80000;

  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int SHUT_WR = 1;

  public static final int SOL_SOCKET = 1;
  public static final int SO_TYPE = 3;
  public static final int SO_REUSEADDR = 2;
  public static final int SO_ERROR = 4;
  public static final int SO_SNDBUF = 7;
  public static final int SO_RCVBUF = 8;
  public static final int SO_KEEPALIVE = 9;
  public static final int SO_LINGER = 13;
  public static final int SO_REUSEPORT = 15;
  public static final int SO_RCVTIMEO = 20;
  public static final int SO_SNDTIMEO = 21;

  public static final int IPPROTO_TCP = 6;
  public static final int TCP_NODELAY = 1;
  public static final int TCP_INFO = 11;
  public static final int TCP_USER_TIMEOUT = 18;

  private SocketConstant() {}
}
