package io.janus.ffi.windows;

/** The numbers of winerror.h that backends branch on, above zero as in C; a result of a binding is the negative one. */
public final class WinError {
  /** An operation on a handle that is closed. */
  public static final int ERROR_INVALID_HANDLE = 6;

  /** The system has no memory for it at this moment. */
  public static final int ERROR_NOT_ENOUGH_MEMORY = 8;

  /** The system's pools have no room for it at this moment. */
  public static final int ERROR_NO_SYSTEM_RESOURCES = 1450;

  /** A handle that has a completion port already, or was not opened for overlapped operations. */
  public static final int ERROR_INVALID_PARAMETER = 87;

  /** A wait on a port ended without a packet. */
  public static final int WAIT_TIMEOUT = 258;

  /** The port was closed while a thread waited on it. */
  public static final int ERROR_ABANDONED_WAIT_0 = 735;

  /** The operation was cancelled, or its socket closed. */
  public static final int ERROR_OPERATION_ABORTED = 995;

  /** The operation has been started; exactly one packet will come. */
  public static final int ERROR_IO_PENDING = 997;

  /** Nothing was there to cancel: the operation has ended, and its packet is queued or taken. */
  public static final int ERROR_NOT_FOUND = 1168;

  public static final int WSAEINVAL = 10022;
  public static final int WSAEWOULDBLOCK = 10035;
  public static final int WSAENOTSOCK = 10038;

  /** A datagram was longer than the buffer; a warning, with its packet and bytes. */
  public static final int WSAEMSGSIZE = 10040;

  public static final int WSAEOPNOTSUPP = 10045;
  public static final int WSAECONNABORTED = 10053;
  public static final int WSAECONNRESET = 10054;

  private WinError() {}
}
