package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** ioapiset.h, completion ports call for call. Zero or more is a result, less is the negative error. */
public final class Ioapiset {
  /** What stands for "no file": a new port is wanted. */
  public static final long NO_FILE = -1;

  private static final MethodHandle CREATE_IO_COMPLETION_PORT =
      Dll.KERNEL32.call(
          "CreateIoCompletionPort",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GET_QUEUED_COMPLETION_STATUS =
      Dll.KERNEL32.call(
          "GetQueuedCompletionStatus",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GET_QUEUED_COMPLETION_STATUS_EX =
      Dll.KERNEL32.call(
          "GetQueuedCompletionStatusEx",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT,
              JAVA_INT));
  private static final MethodHandle POST_QUEUED_COMPLETION_STATUS =
      Dll.KERNEL32.call(
          "PostQueuedCompletionStatus",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CANCEL_IO_EX =
      Dll.KERNEL32.call("CancelIoEx", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  private Ioapiset() {}

  /**
   * CreateIoCompletionPort.
   *
   * @param file {@link #NO_FILE} for a new port, or a handle to associate with the port for the handle's life
   * @param port 0 for a new port
   * @param key comes with every packet of the handle
   * @param threads threads of a new port that may run at once, 0 for one for each processor; ignored for an association
   * @return the port
   */
  public static long createIoCompletionPort(
      Errno errno, long file, long port, long key, int threads) {
    try {
      return errno.notNull((long) CREATE_IO_COMPLETION_PORT.invokeExact(
          errno.state(), file, port, key, threads));
    } catch (Throwable bug) {
      throw Native.bug("CreateIoCompletionPort", bug);
    }
  }

  /**
   * GetQueuedCompletionStatus: takes one packet into element i of an array of {@link OverlappedEntry}. That the packet's operation
   * failed is no error of this call; its status is in its {@link Overlapped}.
   *
   * @param millis {@link WindowsConstant#INFINITE}, or how long to wait
   * @return 1, or −{@link WinError#WAIT_TIMEOUT}, or another negative error of the wait itself
   */
  public static int getQueuedCompletionStatus(
      Errno errno, long port, MemorySegment entries, int i, int millis) {
    try {
      long entry = Native.address(entries, i * OverlappedEntry.BYTES, OverlappedEntry.BYTES);
      // FALSE with an operation means a failed operation, FALSE without one that no packet came.
      entries.set(JAVA_LONG, i * OverlappedEntry.BYTES + OverlappedEntry.OVERLAPPED_AT, 0);
      int result = errno.isTrue((int) GET_QUEUED_COMPLETION_STATUS.invokeExact(errno.state(), port,
          entry + OverlappedEntry.COUNT_AT, entry + OverlappedEntry.KEY_AT,
          entry + OverlappedEntry.OVERLAPPED_AT, millis));
      return result == 0 || OverlappedEntry.overlapped(entries, i) != 0 ? 1 : result;
    } catch (Throwable bug) {
      throw Native.bug("GetQueuedCompletionStatus", bug);
    }
  }

  /**
   * GetQueuedCompletionStatusEx, not alertable: waits for the first packet and takes what is queued then.
   *
   * @param entries an array of {@link OverlappedEntry}
   * @param most how many of them may be filled, at least 1
   * @param count scratch of 4 bytes
   * @param millis {@link WindowsConstant#INFINITE}, or how long to wait
   * @return packets taken, 1 or more, or −{@link WinError#WAIT_TIMEOUT}, or another negative error of the wait itself
   */
  public static int getQueuedCompletionStatusEx(
      Errno errno, long port, MemorySegment entries, int most, MemorySegment count, int millis) {
    try {
      int result = errno.isTrue((int) GET_QUEUED_COMPLETION_STATUS_EX.invokeExact(errno.state(),
          port, Native.address(entries, 0, most * OverlappedEntry.BYTES), most,
          Native.address(count, 0, Integer.BYTES), millis, 0));
      // The count says nothing when the call has failed.
      return result < 0 ? result : count.get(JAVA_INT, 0);
    } catch (Throwable bug) {
      throw Native.bug("GetQueuedCompletionStatusEx", bug);
    }
  }

  /** PostQueuedCompletionStatus: 0. The three numbers arrive as they are and are never looked at by the system. */
  public static int postQueuedCompletionStatus(
      Errno errno, long port, int count, long key, long overlapped) {
    try {
      return errno.isTrue((int) POST_QUEUED_COMPLETION_STATUS.invokeExact(
          errno.state(), port, count, key, overlapped));
    } catch (Throwable bug) {
      throw Native.bug("PostQueuedCompletionStatus", bug);
    }
  }

  /**
   * CancelIoEx, from any thread: a wish, whose verdict is the operation's own packet.
   *
   * @param overlapped the address of the operation's {@link Overlapped}, or 0 for all operations of the handle
   * @return 0, or −{@link WinError#ERROR_NOT_FOUND} if nothing was there to cancel, or another negative error
   */
  public static int cancelIoEx(Errno errno, long handle, long overlapped) {
    try {
      return errno.isTrue((int) CANCEL_IO_EX.invokeExact(errno.state(), handle, overlapped));
    } catch (Throwable bug) {
      throw Native.bug("CancelIoEx", bug);
    }
  }
}
