package io.janus.ffi.windows;

/** The constants of winsock2.h, ws2ipdef.h, mswsock.h and mstcpip.h that are used here, named as there. */
public final class WinsockConstant {
  public static final int SOCK_STREAM = 1;
  public static final int WSA_FLAG_OVERLAPPED = 0x01;

  /** Child processes do not get the socket. */
  public static final int WSA_FLAG_NO_HANDLE_INHERIT = 0x80;

  public static final int FIONBIO = 0x8004_667E;
  public static final int SD_SEND = 1;

  public static final int SOL_SOCKET = 0xffff;
  public static final int SO_REUSEADDR = 0x0004;

  /** Read only: the socket listens. */
  public static final int SO_ACCEPTCONN = 0x0002;

  /** Nobody else may bind the address, not even with SO_REUSEADDR. */
  public static final int SO_EXCLUSIVEADDRUSE = ~SO_REUSEADDR;

  public static final int SO_KEEPALIVE = 0x0008;
  public static final int SO_LINGER = 0x0080;
  public static final int SO_SNDBUF = 0x1001;
  public static final int SO_RCVBUF = 0x1002;
  public static final int SO_ERROR = 0x1007;
  public static final int SO_PROTOCOL_INFOW = 0x2005;

  /** A port that an explicit bind has chosen may serve several connections to different destinations; Windows 10 and later. */
  public static final int SO_REUSE_UNICASTPORT = 0x3007;

  /** A socket that AcceptEx has connected takes its listener's context; without it names and shutdown fail on Windows. */
  public static final int SO_UPDATE_ACCEPT_CONTEXT = 0x700B;

  /** A socket that ConnectEx has connected gets its context; without it names and shutdown fail on Windows. */
  public static final int SO_UPDATE_CONNECT_CONTEXT = 0x7010;

  public static final int IPPROTO_TCP = 6;
  public static final int TCP_NODELAY = 1;

  /** Seconds for which what is not acknowledged is sent again, 0 = as the system is set, −1 = for ever. */
  public static final int TCP_MAXRT = 5;

  public static final int IPPROTO_IPV6 = 41;
  public static final int IPV6_V6ONLY = 27;

  public static final int SIO_GET_EXTENSION_FUNCTION_POINTER = 0xC800_0006;
  public static final int SIO_TCP_INITIAL_RTO = 0x9800_0011;

  /** The socket of the lowest provider, which the AFD device knows. */
  public static final int SIO_BASE_HANDLE = 0x4800_0022;

  public static final int SIO_BSP_HANDLE_SELECT = 0x4800_001C;
  public static final int SIO_BSP_HANDLE_POLL = 0x4800_001D;

  /** In {@link WsaProtocolInfo}: sockets of the provider are handles of the system, so completion modes may be set. */
  public static final int XP1_IFS_HANDLES = 0x0002_0000;

  private WinsockConstant() {}
}
