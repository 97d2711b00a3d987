package io.janus.ffi;

import io.janus.ffi.call.SystemName;

/**
 * The results that the engine itself branches on or gives, as negative numbers of the system it runs on: errno on Linux, the one
 * numbering that GetLastError and WSAGetLastError share on Windows. All other errors pass through as the system gave them and are
 * named by {@link OsError}.
 */
public final class ErrorCode {
  /** Nothing to receive, no room to send, or nobody to accept at this moment. */
  public static final int WOULD_BLOCK = code(11, 10035);

  /** A signal interrupted the call. */
  public static final int INTERRUPTED = code(4, 10004);

  /** A connect, or on Windows any overlapped operation, has been started. */
  public static final int IN_PROGRESS = code(115, 997);

  /** The operation was cancelled. */
  public static final int CANCELLED = code(125, 995);

  /** A deadline of the engine passed. */
  public static final int TIMED_OUT = code(110, 10060);

  /** A table or queue of the engine is full. */
  public static final int BUSY = code(16, 170);

  /** No pooled buffer was free when bytes arrived; the bytes stay in the socket. */
  public static final int NO_BUFFER = code(105, 10055);

  /** The system has no memory for the call at this moment; bytes that have come stay in the socket. */
  public static final int NO_MEMORY = code(12, 8);

  /** No such registration or operation (any more). */
  public static final int NOT_FOUND = code(2, 1168);

  /** An argument out of range, or in a state that forbids it. */
  public static final int INVALID = code(22, 10022);

  /** The backend lacks the ability. */
  public static final int NOT_SUPPORTED = code(95, 10045);

  /** The backend takes no addresses of this family: on Windows, a completion port and the path of a Unix socket. */
  public static final int NO_SUCH_FAMILY = code(96, 10046);

  /** The connection was given up before it was accepted. */
  public static final int CONNECTION_ABORTED = code(103, 10053);

  /** The peer reset the connection. */
  public static final int CONNECTION_RESET = code(104, 10054);

  /** A connect on a handle that has a peer already. */
  public static final int ALREADY_CONNECTED = code(106, 10056);

  /** The process has no descriptor left. */
  public static final int OUT_OF_DESCRIPTORS = code(24, 10024);

  /**
   * The ring's own table of direct descriptors is full. A number that is no system's: Linux has none above 4,095, and Windows leaves
   * those with bit 29 to programs. The kernel's answer, ENFILE, would be taken for the end of the whole system's descriptors.
   */
  public static final int TABLE_FULL = code(4096, 0x2000_0001);

  /**
   * As many connects as its backlog holds wait at the listener of a Unix socket. No system's number either: Linux says EAGAIN, which
   * everywhere else means that waiting for readiness helps.
   */
  public static final int BACKLOG_FULL = code(4097, 0x2000_0002);

  private ErrorCode() {}

  private static int code(int linux, int windows) {
    return -(SystemName.WINDOWS ? windows : linux);
  }
}
