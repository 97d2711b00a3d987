package io.janus.contract;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.windows.AfdDevice;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.Ioapiset;
import io.janus.ffi.windows.WindowsConstant;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.WinsockConstant;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
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
  private static final int ENTRIES_AT = 16;
  private static final int ENTRY_BYTES = 40;
  private static final MethodHandle NT_QUERY_SYSTEM_INFORMATION =
      Dll.NTDLL.plain(
          "NtQuerySystemInformation",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));

  private static final int READ_AND_WRITE = 3;
  private static final int SO_TYPE = 0x1008;

  // The system's numbers for the two types of handle that an engine opens, which differ from one Windows to the next.
  private static final short FILE_TYPE;
  private static final short PORT_TYPE;

  static {
    // Windows Sockets opens things of its own at a process's first connect that does not wait, and keeps them.
    connect();
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      long file = AfdDevice.open();
      long port = Ioapiset.createIoCompletionPort(errno, Ioapiset.NO_FILE, 0, 0, 0);
      MemorySegment table = table(arena);
      FILE_TYPE = typeOf(table, file);
      PORT_TYPE = typeOf(table, port);
      Handleapi.closeHandle(errno, file);
      Handleapi.closeHandle(errno, port);
    }
  }

  private WindowsHandles() {}

  /**
   * Sockets, handles of the AFD device and completion ports that are open now, as "type number". Files of other kinds are not even
   * asked what they are: that would wait for a read which another thread has going on.
   */
  public static Set<String> open() {
    Set<String> open = new TreeSet<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = table(arena);
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment value = arena.allocate(JAVA_INT);
      MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
      for (int i = 0; i < table.get(JAVA_LONG, 0); i++) {
        if (isMine(table, i)) {
          long handle = handle(table, i);
          int access = table.get(JAVA_INT, at(i) + 24);
          if (type(table, i) == PORT_TYPE) {
            open.add("port " + handle);
          } else if (type(table, i) == FILE_TYPE && access == WindowsConstant.SYNCHRONIZE) {
            open.add("device " + handle);
          } else if (type(table, i) == FILE_TYPE && (access & READ_AND_WRITE) == READ_AND_WRITE
              && Winsock2.getsockopt(errno, handle, WinsockConstant.SOL_SOCKET, SO_TYPE, value,
                  length) == 0) {
            open.add("socket " + handle);
          }
        }
      }
    }
    return open;
  }

  private static void connect() {
    Address any = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
    try (Sockets sockets = Sockets.open(new Counters())) {
      long listener = sockets.open(any);
      sockets.bind(listener, any);
      sockets.listen(listener, 1);
      long client = sockets.open(any);
      sockets.connect(client, Objects.requireNonNull(sockets.localAddress(listener)));
      long[] accepted = {-1};
      Wait.until("it is connected", () -> (accepted[0] = sockets.accept(listener)) >= 0);
      for (long socket : new long[] {listener, client, accepted[0]}) {
        sockets.closeSocket(socket);
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
