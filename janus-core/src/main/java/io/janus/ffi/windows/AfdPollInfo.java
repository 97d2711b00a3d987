package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * AFD_POLL_INFO for one socket, 32 bytes, in and out in the same place. No header of Windows shows it; its offsets are those of the
 * programs that use it.
 *
 * <pre>
 *   0 Timeout  8 NumberOfHandles  12 Exclusive  16 Handle  24 Events  28 Status
 * </pre>
 */
public final class AfdPollInfo {
  /** The request that reads and fills it. */
  public static final int IOCTL_AFD_POLL = 0x0001_2024;

  // Events, asked for and reported.
  public static final int RECEIVE = 0x001;
  /** Urgent bytes. */
  public static final int RECEIVE_EXPEDITED = 0x002;
  public static final int SEND = 0x004;
  /** The peer has sent its FIN. */
  public static final int DISCONNECT = 0x008;
  /** The connection was reset. */
  public static final int ABORT = 0x010;
  /** The socket was closed here. */
  public static final int LOCAL_CLOSE = 0x020;
  /** Reported by every poll of a connected socket, so asked for by nobody. */
  public static final int CONNECT = 0x040;
  public static final int ACCEPT = 0x080;
  /** A connect failed; the reason is the status of the handle. */
  public static final int CONNECT_FAIL = 0x100;

  /** The struct with the field names in use. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("Timeout"),
          JAVA_INT.withName("NumberOfHandles"),
          JAVA_INT.withName("Exclusive"),
          JAVA_LONG.withName("Handle"),
          JAVA_INT.withName("Events"),
          JAVA_INT.withName("Status"));

  /** Bytes of one. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long COUNT_AT =
      LAYOUT.byteOffset(PathElement.groupElement("NumberOfHandles"));
  private static final long EXCLUSIVE_AT = LAYOUT.byteOffset(PathElement.groupElement("Exclusive"));
  private static final long HANDLE_AT = LAYOUT.byteOffset(PathElement.groupElement("Handle"));
  private static final long EVENTS_AT = LAYOUT.byteOffset(PathElement.groupElement("Events"));
  private static final long STATUS_AT = LAYOUT.byteOffset(PathElement.groupElement("Status"));

  private AfdPollInfo() {}

  /**
   * Writes a request without a timeout.
   *
   * @param base the socket that the AFD device knows ({@link WinsockConstant#SIO_BASE_HANDLE})
   */
  public static void set(MemorySegment info, long at, long base, int events) {
    info.set(JAVA_LONG, at, Long.MAX_VALUE);
    info.set(JAVA_INT, at + COUNT_AT, 1);
    info.set(JAVA_INT, at + EXCLUSIVE_AT, 0);
    info.set(JAVA_LONG, at + HANDLE_AT, base);
    info.set(JAVA_INT, at + EVENTS_AT, events);
    info.set(JAVA_INT, at + STATUS_AT, 0);
  }

  /** What a request that has succeeded reports: event bits, or 0 if it was woken for nothing. */
  public static int events(MemorySegment info, long at) {
    return info.get(JAVA_INT, at + COUNT_AT) == 0 ? 0 : info.get(JAVA_INT, at + EVENTS_AT);
  }

  /** The NTSTATUS beside the events; of a failed connect its reason. */
  public static int status(MemorySegment info, long at) {
    return info.get(JAVA_INT, at + STATUS_AT);
  }
}
