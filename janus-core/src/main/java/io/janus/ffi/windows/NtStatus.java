package io.janus.ffi.windows;

/**
 * The NTSTATUS values of operations on sockets, and the error numbers that Windows Sockets gives for them. A status of zero or more
 * is a success. The mapping is a table here and not a call to the system, because that one (RtlNtStatusToDosError) gives a reset
 * the number of a lost network name.
 */
public final class NtStatus {
  public static final int TIMEOUT = 0x0000_0102;
  public static final int PENDING = 0x0000_0103;
  /** A datagram was longer than the buffer; its bytes are valid. */
  public static final int BUFFER_OVERFLOW = 0x8000_0005;
  /** Wine: the socket was closed with a receive pending. */
  public static final int HANDLES_CLOSED = 0x8000_000A;
  public static final int NOT_IMPLEMENTED = 0xC000_0002;
  public static final int ACCESS_VIOLATION = 0xC000_0005;
  public static final int PAGEFILE_QUOTA = 0xC000_0007;
  public static final int INVALID_HANDLE = 0xC000_0008;
  public static final int INVALID_PARAMETER = 0xC000_000D;
  public static final int NO_SUCH_DEVICE = 0xC000_000E;
  public static final int NO_MEMORY = 0xC000_0017;
  public static final int CONFLICTING_ADDRESSES = 0xC000_0018;
  public static final int ACCESS_DENIED = 0xC000_0022;
  public static final int BUFFER_TOO_SMALL = 0xC000_0023;
  public static final int OBJECT_TYPE_MISMATCH = 0xC000_0024;
  public static final int OBJECT_NAME_NOT_FOUND = 0xC000_0034;
  public static final int SHARING_VIOLATION = 0xC000_0043;
  public static final int QUOTA_EXCEEDED = 0xC000_0044;
  public static final int TOO_MANY_PAGING_FILES = 0xC000_0097;
  public static final int INSUFFICIENT_RESOURCES = 0xC000_009A;
  public static final int DEVICE_NOT_READY = 0xC000_00A3;
  public static final int WORKING_SET_QUOTA = 0xC000_00A1;
  public static final int PIPE_DISCONNECTED = 0xC000_00B0;
  public static final int IO_TIMEOUT = 0xC000_00B5;
  public static final int NOT_SUPPORTED = 0xC000_00BB;
  public static final int REMOTE_NOT_LISTENING = 0xC000_00BC;
  public static final int BAD_NETWORK_PATH = 0xC000_00BE;
  public static final int NETWORK_BUSY = 0xC000_00BF;
  public static final int INVALID_NETWORK_RESPONSE = 0xC000_00C3;
  public static final int UNEXPECTED_NETWORK_ERROR = 0xC000_00C4;
  public static final int NETWORK_NAME_DELETED = 0xC000_00C9;
  public static final int REQUEST_NOT_ACCEPTED = 0xC000_00D0;
  public static final int TOO_MANY_OPENED_FILES = 0xC000_011F;
  public static final int CANCELLED = 0xC000_0120;
  public static final int FILE_CLOSED = 0xC000_0128;
  public static final int COMMITMENT_LIMIT = 0xC000_012D;
  public static final int LOCAL_DISCONNECT = 0xC000_013B;
  public static final int REMOTE_DISCONNECT = 0xC000_013C;
  public static final int REMOTE_RESOURCES = 0xC000_013D;
  public static final int LINK_FAILED = 0xC000_013E;
  public static final int LINK_TIMEOUT = 0xC000_013F;
  public static final int INVALID_CONNECTION = 0xC000_0140;
  public static final int INVALID_ADDRESS = 0xC000_0141;
  public static final int INVALID_BUFFER_SIZE = 0xC000_0206;
  public static final int INVALID_ADDRESS_COMPONENT = 0xC000_0207;
  public static final int TOO_MANY_ADDRESSES = 0xC000_0209;
  public static final int ADDRESS_ALREADY_EXISTS = 0xC000_020A;
  public static final int ADDRESS_CLOSED = 0xC000_020B;
  public static final int CONNECTION_DISCONNECTED = 0xC000_020C;
  public static final int CONNECTION_RESET = 0xC000_020D;
  public static final int TRANSACTION_ABORTED = 0xC000_020F;
  public static final int NOT_FOUND = 0xC000_0225;
  public static final int CONNECTION_REFUSED = 0xC000_0236;
  public static final int GRACEFUL_DISCONNECT = 0xC000_0237;
  public static final int CONNECTION_INVALID = 0xC000_023A;
  public static final int CONNECTION_ACTIVE = 0xC000_023B;
  public static final int NETWORK_UNREACHABLE = 0xC000_023C;
  public static final int HOST_UNREACHABLE = 0xC000_023D;
  public static final int PROTOCOL_UNREACHABLE = 0xC000_023E;
  public static final int PORT_UNREACHABLE = 0xC000_023F;
  public static final int REQUEST_ABORTED = 0xC000_0240;
  public static final int CONNECTION_ABORTED = 0xC000_0241;
  public static final int HOPLIMIT_EXCEEDED = 0xC000_A012;

  /** A status of this facility carries a number of winerror.h in its low half. */
  private static final int FACILITY_NTWIN32 = 7;

  private static final int FACILITY_SHIFT = 16;
  private static final int FACILITY_MASK = 0xfff;

  private NtStatus() {}

  /**
   * A status as a result of this engine: zero or more as it is, else the negative error number of Windows Sockets, or the status
   * itself, which is below zero, where there is no such number.
   */
  public static int result(int status) {
    return status >= 0 ? status : error(status);
  }

  private static int error(int status) {
    return switch (status) {
      // Closing a socket cancels its operations on Windows; Wine has a status of its own for that.
      case CANCELLED, REQUEST_ABORTED, HANDLES_CLOSED -> -WinError.ERROR_OPERATION_ABORTED;
      case NOT_FOUND -> -WinError.ERROR_NOT_FOUND;
      case CONNECTION_RESET, REMOTE_DISCONNECT, CONNECTION_DISCONNECTED, NETWORK_NAME_DELETED,
          LINK_FAILED, PORT_UNREACHABLE, HOPLIMIT_EXCEEDED -> -WinError.WSAECONNRESET;
      case CONNECTION_ABORTED, LOCAL_DISCONNECT, TRANSACTION_ABORTED, ADDRESS_CLOSED ->
          -WinError.WSAECONNABORTED;
      case GRACEFUL_DISCONNECT -> -10101;
      case CONNECTION_REFUSED, REMOTE_NOT_LISTENING -> -10061;
      case IO_TIMEOUT, LINK_TIMEOUT -> -10060;
      case NETWORK_UNREACHABLE, PROTOCOL_UNREACHABLE, BAD_NETWORK_PATH -> -10051;
      case NETWORK_BUSY, INVALID_NETWORK_RESPONSE, UNEXPECTED_NETWORK_ERROR -> -10050;
      case HOST_UNREACHABLE -> -10065;
      case INVALID_CONNECTION, CONNECTION_INVALID -> -10057;
      case CONNECTION_ACTIVE -> -10056;
      case PIPE_DISCONNECTED -> -10058;
      case INVALID_ADDRESS_COMPONENT, INVALID_ADDRESS, CONFLICTING_ADDRESSES -> -10049;
      case ADDRESS_ALREADY_EXISTS, SHARING_VIOLATION -> -10048;
      case INSUFFICIENT_RESOURCES, QUOTA_EXCEEDED, WORKING_SET_QUOTA, NO_MEMORY, PAGEFILE_QUOTA,
          COMMITMENT_LIMIT, TOO_MANY_PAGING_FILES, REMOTE_RESOURCES, TOO_MANY_ADDRESSES -> -10055;
      case TOO_MANY_OPENED_FILES -> -10024;
      case DEVICE_NOT_READY, REQUEST_NOT_ACCEPTED -> -WinError.WSAEWOULDBLOCK;
      case INVALID_HANDLE, OBJECT_TYPE_MISMATCH, FILE_CLOSED -> -WinError.WSAENOTSOCK;
      case INVALID_PARAMETER -> -WinError.WSAEINVAL;
      case ACCESS_VIOLATION, BUFFER_TOO_SMALL -> -10014;
      case ACCESS_DENIED -> -10013;
      case NOT_SUPPORTED, NOT_IMPLEMENTED -> -WinError.WSAEOPNOTSUPP;
      case NO_SUCH_DEVICE, OBJECT_NAME_NOT_FOUND -> -2;
      case BUFFER_OVERFLOW, INVALID_BUFFER_SIZE -> -WinError.WSAEMSGSIZE;
      default -> carried(status);
    };
  }

  /** What a filter driver between may have put into a status: a number of winerror.h as it is. */
  private static int carried(int status) {
    int number = status & 0xffff;
    return (status >>> FACILITY_SHIFT & FACILITY_MASK) == FACILITY_NTWIN32 && number != 0
        ? -number
        : status;
  }
}
