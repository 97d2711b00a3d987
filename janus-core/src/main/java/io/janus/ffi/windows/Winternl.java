package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * winternl.h, call for call. The functions return an NTSTATUS, which {@link NtStatus#result} has turned into a result: zero or more
 * is a success ({@link NtStatus#PENDING} is one), less is the negative error.
 */
public final class Winternl {
  private static final MethodHandle NT_CREATE_FILE =
      Dll.NTDLL.plain(
          "NtCreateFile",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle NT_DEVICE_IO_CONTROL_FILE =
      Dll.NTDLL.plain(
          "NtDeviceIoControlFile",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle NT_CANCEL_IO_FILE_EX =
      Dll.NTDLL.plain(
          "NtCancelIoFileEx", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle RTL_GET_VERSION =
      Dll.NTDLL.plain("RtlGetVersion", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));

  /** Only Wine has it. */
  private static final @Nullable MethodHandle WINE_GET_VERSION =
      Dll.NTDLL.plainIfPresent("wine_get_version", FunctionDescriptor.of(ADDRESS)).orElse(null);

  private Winternl() {}

  /** NtCreateFile of something that exists, without extended attributes; the handle goes into 8 bytes. */
  public static int ntCreateFile(MemorySegment handle, int access, MemorySegment attributes,
      MemorySegment status, int share, int disposition, int options) {
    try {
      return NtStatus.result((int) NT_CREATE_FILE.invokeExact(
          Native.address(handle, 0, Long.BYTES), access,
          Native.address(attributes, 0, ObjectAttributes.LAYOUT.byteSize()),
          Native.address(status, 0, IoStatusBlock.BYTES), 0L, 0, share, disposition, options, 0L,
          0));
    } catch (Throwable bug) {
      throw Native.bug("NtCreateFile", bug);
    }
  }

  /**
   * NtDeviceIoControlFile whose input and output are the same memory.
   *
   * @param context what the packet brings as its operation; 0 for no packet
   * @param slab holds the {@link IoStatusBlock} and the data, which stay the kernel's until the packet has been dequeued
   */
  public static int ntDeviceIoControlFile(long handle, long context, MemorySegment slab,
      long statusAt, int code, long dataAt, int dataBytes) {
    try {
      long data = Native.address(slab, dataAt, dataBytes);
      return NtStatus.result((int) NT_DEVICE_IO_CONTROL_FILE.invokeExact(
          handle, 0L, 0L, context, Native.address(slab, statusAt, IoStatusBlock.BYTES), code, data,
          dataBytes, data, dataBytes));
    } catch (Throwable bug) {
      throw Native.bug("NtDeviceIoControlFile", bug);
    }
  }

  /**
   * NtCancelIoFileEx of one request, from any thread: a wish, whose verdict is the request's own packet.
   *
   * @param slab holds the request's {@link IoStatusBlock} and a second one for this call
   * @return 0, or −{@link WinError#ERROR_NOT_FOUND} if the request has ended
   */
  public static int ntCancelIoFileEx(long handle, MemorySegment slab, long statusAt,
      long scratchAt) {
    try {
      return NtStatus.result((int) NT_CANCEL_IO_FILE_EX.invokeExact(
          handle, Native.address(slab, statusAt, IoStatusBlock.BYTES),
          Native.address(slab, scratchAt, IoStatusBlock.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("NtCancelIoFileEx", bug);
    }
  }

  /** RtlGetVersion into an {@link OsVersionInfo}: the system's true version, whatever the program's manifest says. */
  public static int rtlGetVersion(MemorySegment info) {
    try {
      return NtStatus.result(
          (int) RTL_GET_VERSION.invokeExact(Native.address(info, 0, OsVersionInfo.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("RtlGetVersion", bug);
    }
  }

  /** wine_get_version: the version of Wine, or null on Windows itself. */
  public static @Nullable String wineGetVersion() {
    try {
      if (WINE_GET_VERSION == null) {
        return null;
      }
      MemorySegment text = (MemorySegment) WINE_GET_VERSION.invokeExact();
      return text.reinterpret(64).getString(0);
    } catch (Throwable bug) {
      throw Native.bug("wine_get_version", bug);
    }
  }
}
