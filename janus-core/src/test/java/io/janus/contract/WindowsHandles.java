package io.janus.contract;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.windows.AfdDevice;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.Ioapiset;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The handles of this process on Windows, of which the system tells all that there are (SystemExtendedHandleInformation):
 *
 * <pre>
 *   0 count  8 (reserved)  16 entries of 40 bytes: 0 object  8 process  16 handle  24 access  28 (2)  30 type  32 (8)
 * </pre>
 */
public final class WindowsHandles {
  private static final int SYSTEM_EXTENDED_HANDLE_INFORMATION = 64;
  private static final int INFO_LENGTH_MISMATCH = 0xC000_0004;
  private static final int FILE_TYPE_DISK = 1;
  private static final int ENTRIES_AT = 16;
  private static final int ENTRY_BYTES = 40;
  private static final MethodHandle NT_QUERY_SYSTEM_INFORMATION =
      Dll.NTDLL.plain(
          "NtQuerySystemInformation",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));

  private static final MethodHandle GET_FILE_TYPE =
      Dll.KERNEL32.plain("GetFileType", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));

  /** The system's numbers for the two types of handle that an engine opens; sockets and the AFD device are files. */
  private static final Map<Short, String> TYPES = types();

  private WindowsHandles() {}

  /**
   * Sockets, handles of the AFD device and completion ports that are open now, as "type number"; without the files on a disk, which
   * the JVM opens and closes as it likes.
   */
  public static Set<String> open() {
    Set<String> open = new TreeSet<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = table(arena);
      for (int i = 0; i < table.get(JAVA_LONG, 0); i++) {
        String type = TYPES.get(type(table, i));
        if (isMine(table, i) && type != null && fileType(handle(table, i)) != FILE_TYPE_DISK) {
          open.add(type + " " + handle(table, i));
        }
      }
    }
    return open;
  }

  /** Learnt from one of each, because the numbers differ from one Windows to the next. */
  private static Map<Short, String> types() {
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      long file = AfdDevice.open();
      long port = Ioapiset.createIoCompletionPort(errno, Ioapiset.NO_FILE, 0, 0, 0);
      MemorySegment table = table(arena);
      try {
        return Map.of(typeOf(table, file), "file", typeOf(table, port), "port");
      } finally {
        Handleapi.closeHandle(errno, file);
        Handleapi.closeHandle(errno, port);
      }
    }
  }

  private static short typeOf(MemorySegment table, long wanted) {
    for (int i = 0; i < table.get(JAVA_LONG, 0); i++) {
      if (isMine(table, i) && handle(table, i) == wanted) {
        return type(table, i);
      }
    }
    throw new AssertionError("the system does not tell of handle " + wanted);
  }

  private static boolean isMine(MemorySegment table, int i) {
    return table.get(JAVA_LONG, at(i) + 8) == ProcessHandle.current().pid();
  }

  private static long handle(MemorySegment table, int i) {
    return table.get(JAVA_LONG, at(i) + 16);
  }

  private static short type(MemorySegment table, int i) {
    return table.get(JAVA_SHORT, at(i) + 30);
  }

  private static long at(int i) {
    return ENTRIES_AT + (long) i * ENTRY_BYTES;
  }

  private static int fileType(long handle) {
    try {
      return (int) GET_FILE_TYPE.invokeExact(handle);
    } catch (Throwable bug) {
      throw new AssertionError(bug);
    }
  }

  private static MemorySegment table(Arena arena) {
    for (int bytes = 1 << 18;; bytes <<= 1) {
      MemorySegment table = arena.allocate(bytes, 8);
      int status = query(table, bytes);
      if (status >= 0) {
        return table;
      }
      if (status != INFO_LENGTH_MISMATCH) {
        throw new AssertionError(
            "the system does not tell its handles: 0x" + Integer.toHexString(status));
      }
    }
  }

  private static int query(MemorySegment table, int bytes) {
    try {
      return (int) NT_QUERY_SYSTEM_INFORMATION.invokeExact(
          SYSTEM_EXTENDED_HANDLE_INFORMATION, table.address(), bytes, 0L);
    } catch (Throwable bug) {
      throw new AssertionError(bug);
    }
  }
}
