package io.janus.completion.iocp;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.ffi.bsd.Sockaddr;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.Ioapiset;
import io.janus.ffi.windows.PortWaker;
import io.janus.ffi.windows.Winbase;
import io.janus.ffi.windows.WindowsConstant;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.WinsockConstant;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One completion port of the system, its waker, its packets and the scratch memory of its calls. */
final class IocpInstance implements AutoCloseable {
  /** No handle has this name. */
  private static final long WAKE_KEY = 0;

  /** One thread waits on the port, so one may run. */
  private static final int RUNNING_THREADS = 1;

  private static final int ENTRIES_AT = 64;

  private static final long LONGEST_WAIT_NANOS =
      TimeUnit.MILLISECONDS.toNanos(PortWaker.LONGEST_WAIT_MILLIS);

  final Errno errno;
  final CompletionEntries entries;
  final PortWaker waker;
  private final MemorySegment memory;
  private final MemorySegment scratch;
  private final Counters counters;
  private final long port;
  private @Nullable SocketExtensions ipv4;
  private @Nullable SocketExtensions ipv6;

  IocpInstance(int batch, Counters counters) throws OsException {
    this.counters = counters;
    long scratchAt = ENTRIES_AT + CompletionEntries.bytes(batch);
    memory = NativeMemory.map(scratchAt + SocketExtensions.SCRATCH_BYTES);
    errno = new Errno(memory);
    entries = new CompletionEntries(memory.asSlice(ENTRIES_AT), batch);
    scratch = memory.asSlice(scratchAt, SocketExtensions.SCRATCH_BYTES);
    long opened =
        Ioapiset.createIoCompletionPort(errno, Ioapiset.NO_FILE, 0, 0, RUNNING_THREADS);
    if (opened < 0) {
      errno.close();
      NativeMemory.unmap(memory);
      OsException.check("open a completion port", opened);
    }
    port = opened;
    waker = new PortWaker(port, WAKE_KEY);
  }

  /** Makes the socket's packets come to this port, for the socket's life; 0 or an error. */
  int associate(long socket, long key) {
    return (int) Math.min(0, Ioapiset.createIoCompletionPort(errno, socket, port, key, 0));
  }

  /** Whether {@link #skipPackets} is safe for the socket. */
  boolean isPlain(long socket) {
    return SocketExtensions.isPlain(errno, socket, scratch);
  }

  /** Whether the socket listens. */
  boolean listens(long socket) {
    MemorySegment value = scratch.asSlice(0, Integer.BYTES);
    MemorySegment length = scratch.asSlice(Long.BYTES, Integer.BYTES);
    value.set(JAVA_INT, 0, 0);
    length.set(JAVA_INT, 0, Integer.BYTES);
    return Winsock2.getsockopt(errno, socket, WinsockConstant.SOL_SOCKET,
        WinsockConstant.SO_ACCEPTCONN, value, length) >= 0 && value.get(JAVA_INT, 0) != 0;
  }

  /** A success known at once queues no packet from now on; false if that cannot be had. */
  boolean skipPackets(long socket) {
    return Winbase.setFileCompletionNotificationModes(errno, socket,
        WindowsConstant.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
            | WindowsConstant.FILE_SKIP_SET_EVENT_ON_HANDLE) >= 0;
  }

  /** The functions for sockets of this address's family, asked from one of them. */
  SocketExtensions extensions(Address like, long socket) {
    boolean six = like instanceof Address.Ipv6;
    SocketExtensions known = six ? ipv6 : ipv4;
    if (known != null) {
      return known;
    }
    SocketExtensions found =
        new SocketExtensions(
            errno, socket, six ? Sockaddr.AF_INET6 : Sockaddr.AF_INET, scratch);
    if (found.error == 0 && six) {
      ipv6 = found;
    } else if (found.error == 0 && like instanceof Address.Ipv4) {
      ipv4 = found;
    }
    return found;
  }

  /** Dequeues packets; see {@link CompletionEntries#take}. A wake that is owed ends the wait, or keeps it from beginning. */
  int take(int most, long timeoutNanos) {
    long start = timeoutNanos > LONGEST_WAIT_NANOS ? System.nanoTime() : 0;
    long left = timeoutNanos;
    while (true) {
      boolean woken = waker.takeOwed();
      boolean last = woken || left >= 0 && left <= LONGEST_WAIT_NANOS;
      counters.increment(Counter.WAIT_CALLS);
      int count =
          entries.take(errno, port, most, woken ? 0 : last ? left : LONGEST_WAIT_NANOS);
      if (last || count > 0) {
        return count;
      }
      if (timeoutNanos > 0) {
        left = Math.max(0, timeoutNanos - (System.nanoTime() - start));
      }
    }
  }

  /** Takes a wake's packet; false if packet i is none. */
  boolean takeWake(int i) {
    if (entries.key(i) != WAKE_KEY) {
      return false;
    }
    waker.taken();
    return true;
  }

  /** Wishes an operation to end; true if it was still going on. */
  boolean cancel(long socket, long overlapped) {
    counters.increment(Counter.CONTROL_CALLS);
    return Ioapiset.cancelIoEx(errno, socket, overlapped) >= 0;
  }

  /** Binds a client's socket to any address of its family, as ConnectEx wants it; 0 or an error. */
  int bindToAny(long socket, int family) {
    // Several connections may then share a local port as long as their destinations differ; what lacks that goes without.
    setOption(socket, WinsockConstant.SO_REUSE_UNICASTPORT, 1);
    MemorySegment any = scratch.asSlice(0, Sockaddr.STORAGE_BYTES);
    int bytes =
        family == Sockaddr.AF_INET6
            ? Sockaddr.setIpv6(any, new byte[16], 0, 0)
            : Sockaddr.setIpv4(any, new byte[4], 0);
    int result = Winsock2.bind(errno, socket, any, bytes);
    // The caller has bound it to an address of his own already.
    return result == ErrorCode.INVALID ? 0 : result;
  }

  /** After ConnectEx the socket is told that it is connected; without it names and shutdown fail on Windows. 0 or an error. */
  int updateConnected(long socket) {
    int result = Winsock2.setsockopt(errno, socket, WinsockConstant.SOL_SOCKET,
        WinsockConstant.SO_UPDATE_CONNECT_CONTEXT, scratch, 0);
    // The system has just said that it is connected, so "not connected" means that the peer has reset it since.
    return result < 0 && OsError.kindOf(result) == ErrorKind.NOT_CONNECTED
        ? ErrorCode.CONNECTION_RESET
        : Math.min(0, result);
  }

  /** After AcceptEx the socket is told whose it is; without it names and shutdown fail on Windows. */
  int updateAccepted(long socket, long listener) {
    scratch.set(JAVA_LONG, 0, listener);
    return Winsock2.setsockopt(errno, socket, WinsockConstant.SOL_SOCKET,
        WinsockConstant.SO_UPDATE_ACCEPT_CONTEXT, scratch, Long.BYTES);
  }

  private void setOption(long socket, int name, int value) {
    scratch.set(JAVA_LONG, 0, value);
    Winsock2.setsockopt(
        errno, socket, WinsockConstant.SOL_SOCKET, name, scratch, Integer.BYTES);
  }

  /** With no operation in flight. */
  @Override
  public void close() {
    waker.close();
    Handleapi.closeHandle(errno, port);
    errno.close();
    NativeMemory.unmap(memory);
  }
}
