package io.janus.ffi.linux;

/** The constants of sys/socket.h, netinet/in.h and netinet/tcp.h that are used here (x86-64 and aarch64 agree). */
public final class SocketConstant {
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_NONBLOCK = 0x800;
  public static final int SOCK_CLOEXEC = 0x80000;

  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int SHUT_WR = 1;

  public static final int SOL_SOCKET = 1;
  public static final int SO_REUSEADDR = 2;
  public static final int SO_ERROR = 4;
  public static final int SO_SNDBUF = 7;
  public static final int SO_RCVBUF = 8;
  public static final int SO_KEEPALIVE = 9;
  public static final int SO_LINGER = 13;
  public static final int SO_REUSEPORT = 15;

  public static final int IPPROTO_TCP = 6;
  public static final int TCP_NODELAY = 1;
  public static final int TCP_KEEPIDLE = 4;
  public static final int TCP_KEEPINTVL = 5;
  public static final int TCP_KEEPCNT = 6;
  public static final int TCP_USER_TIMEOUT = 18;
  public static final int TCP_NOTSENT_LOWAT = 25;

  public static final int IPPROTO_IP = 0;
  public static final int IP_BIND_ADDRESS_NO_PORT = 24;
  public static final int IPPROTO_IPV6 = 41;
  public static final int IPV6_V6ONLY = 26;

  private SocketConstant() {}
}
