package io.janus.socket;

/** Socket options with a meaning on every system; the value is an int. */
public enum SocketOption {
  /** Send small segments at once, 0 or 1 (tcp(7) TCP_NODELAY). */
  NO_DELAY,
  /** Probe an idle connection, 0 or 1 (socket(7) SO_KEEPALIVE). */
  KEEP_ALIVE,
  /** Bytes of the kernel's send buffer; the kernel may double it (socket(7) SO_SNDBUF). */
  SEND_BUFFER_BYTES,
  /** Bytes of the kernel's receive buffer; the kernel may double it (socket(7) SO_RCVBUF). */
  RECEIVE_BUFFER_BYTES,
  /** Bind although old connections of the address linger, 0 or 1 (socket(7) SO_REUSEADDR; exclusive use on Windows). */
  REUSE_ADDRESS,
  /** Several listeners share one port and the kernel spreads connections over them, 0 or 1 (socket(7) SO_REUSEPORT). */
  REUSE_PORT,
  /** Close sends a reset instead of a FIN; only 1 is meant (socket(7) SO_LINGER with zero seconds). */
  RESET_ON_CLOSE,
  /** Milliseconds that sent bytes may stay unacknowledged (tcp(7) TCP_USER_TIMEOUT). */
  USER_TIMEOUT_MILLIS
}
