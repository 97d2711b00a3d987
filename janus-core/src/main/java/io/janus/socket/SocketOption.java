package io.janus.socket;

/**
 * Socket options with a meaning on every system; the value is an int. Where a system lacks one the answer is an error of kind
 * {@link io.janus.ffi.ErrorKind#NOT_SUPPORTED}.
 */
public enum SocketOption {
  /** Send small segments at once, 0 or 1 (tcp(7) TCP_NODELAY). */
  NO_DELAY,
  /** Probe an idle connection, 0 or 1 (socket(7) SO_KEEPALIVE). */
  KEEP_ALIVE,
  /**
   * Bytes of the kernel's send buffer; the kernel may double it (socket(7) SO_SNDBUF). On Windows 0 means none, and a send then ends
   * only when the peer has acknowledged it.
   */
  SEND_BUFFER_BYTES,
  /** Bytes of the kernel's receive buffer; the kernel may double it (socket(7) SO_RCVBUF). */
  RECEIVE_BUFFER_BYTES,
  /**
   * Bind although old connections of the address linger, 0 or 1 (socket(7) SO_REUSEADDR). Windows allows that of what has ended anyway,
   * and its own option of this name would share the address with everybody; so there this is SO_EXCLUSIVEADDRUSE, which {@link
   * Sockets#bind} sets too. Microsoft documents that an address may be refused under it as long as connections accepted there live.
   */
  REUSE_ADDRESS,
  /**
   * Several listeners share one port and the kernel spreads connections over them, 0 or 1 (socket(7) SO_REUSEPORT). Windows has no such
   * thing: one listens, and others take over what it accepts.
   */
  REUSE_PORT,
  /** Close sends a reset instead of a FIN; only 1 is meant (socket(7) SO_LINGER with zero seconds). */
  RESET_ON_CLOSE,
  /**
   * Milliseconds until the system gives up a connection whose sent bytes nobody acknowledges; 0 = as the system is set, less is refused
   * with {@link io.janus.ffi.ErrorKind#INVALID_ARGUMENT}. On Linux (tcp(7) TCP_USER_TIMEOUT) bytes that wait for the peer's window count
   * as well. On Windows it is TCP_MAXRT, documented as the time after which a connection that sends its segments again is given up: whole
   * seconds, rounded up; nothing is documented of a peer that acknowledges and takes nothing, for which there is {@link
   * io.janus.limit.Limits#writeMillis} on every system. Wine lacks it, so nobody has seen it work here.
   */
  USER_TIMEOUT_MILLIS
}
