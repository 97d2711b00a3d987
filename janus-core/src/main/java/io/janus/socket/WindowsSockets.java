package io.janus.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.bsd.Sockaddr;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.Linger;
import io.janus.ffi.windows.Mstcpip;
import io.janus.ffi.windows.WindowsConstant;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.WinsockConstant;
import io.janus.ffi.windows.WinsockStart;
import io.janus.ffi.windows.Wsabuf;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The verbs on Windows. A socket is a SOCKET, a handle of 64 bits, made for overlapped operations and kept from child processes.
 * Where Windows has another default than Linux the socket gets the one of Linux: both families on an IPv6 socket, and an address for
 * itself alone.
 */
final class WindowsSockets implements Sockets {
  private static final int FLAGS =
      WinsockConstant.WSA_FLAG_OVERLAPPED | WinsockConstant.WSA_FLAG_NO_HANDLE_INHERIT;

  /** Up to so many the system takes the number as it is and cuts it; beyond, it must be told as a hint. */
  private static final int PLAIN_BACKLOG = 200;

  private static final int MOST_BACKLOG = 65_535;
  private static final int MILLIS_PER_SECOND = 1_000;

  /** Most bytes of one send, which ends short if there are more: the system copies the whole of a send that does not wait. */
  private static final int MOST_BYTES = 1 << 24;

  // Scratch layout, one page: error cell, address, its length, an option's value, a count, gather list.
  private static final int ADDRESS_AT = 64;
  private static final int LENGTH_AT = ADDRESS_AT + Sockaddr.STORAGE_BYTES;
  private static final int VALUE_AT = LENGTH_AT + 8;
  private static final int COUNT_AT = VALUE_AT + 8;
  private static final int VECTORS_AT = COUNT_AT + 8;
  private static final int SCRATCH_BYTES = VECTORS_AT + MAX_GATHER * 16;

  private final MemorySegment scratch = NativeMemory.map(SCRATCH_BYTES);
  private final Errno errno = new Errno(scratch);
  private final MemorySegment address = scratch.asSlice(ADDRESS_AT, Sockaddr.STORAGE_BYTES);
  private final MemorySegment length = scratch.asSlice(LENGTH_AT, Integer.BYTES);
  private final MemorySegment value = scratch.asSlice(VALUE_AT, Integer.BYTES);
  private final MemorySegment count = scratch.asSlice(COUNT_AT, Integer.BYTES);
  private final MemorySegment vectors = scratch.asSlice(VECTORS_AT, MAX_GATHER * Wsabuf.BYTES);
  private final Counters counters;
  private boolean closed;

  WindowsSockets(Counters counters) {
    this.counters = counters;
    if (WinsockStart.RESULT < 0) {
      close();
      throw new UnsupportedOperationException(
          "Windows Sockets cannot be started: " + OsError.of(WinsockStart.RESULT));
    }
  }

  @Override
  public long open(Address like) {
    Objects.requireNonNull(like, "like");
    check();
    int family =
        switch (like) {
          case Address.Ipv4 v4 -> Sockaddr.AF_INET;
          case Address.Ipv6 v6 -> Sockaddr.AF_INET6;
          case Address.Unix unix -> Sockaddr.AF_UNIX;
        };
    int protocol = family == Sockaddr.AF_UNIX ? 0 : WinsockConstant.IPPROTO_TCP;
    long socket =
        Winsock2.wsaSocket(errno, family, WinsockConstant.SOCK_STREAM, protocol, FLAGS);
    if (socket < 0) {
      return socket;
    }
    int result = setNonBlocking(socket);
    if (result >= 0 && family == Sockaddr.AF_INET6) {
      result = setInt(socket, WinsockConstant.IPPROTO_IPV6, WinsockConstant.IPV6_V6ONLY, 0);
    }
    return result < 0 ? given(socket, result) : socket;
  }

  @Override
  public int bind(long socket, Address at) {
    Objects.requireNonNull(at, "at");
    check();
    if (!(at instanceof Address.Unix)) {
      // Without it any program of the machine may bind the same address with SO_REUSEADDR and take the connections. The answer is not
      // looked at: whoever has set SO_REUSEADDR by its number wanted it so, and a closed socket shows itself in the next call.
      setInt(socket, WinsockConstant.SOL_SOCKET, WinsockConstant.SO_EXCLUSIVEADDRUSE, 1);
    }
    return Winsock2.bind(errno, socket, address, AddressBytes.encode(address, at));
  }

  @Override
  public int listen(long socket, int backlog) {
    if (backlog > PLAIN_BACKLOG) {
      // SOMAXCONN_HINT(b) is −b. Only TCP is documented to know it; others are asked in the plain way.
      int result = Winsock2.listen(errno, socket, -Math.min(backlog, MOST_BACKLOG));
      if (result >= 0) {
        return result;
      }
    }
    return Winsock2.listen(errno, socket, backlog);
  }

  @Override
  public long accept(long listener) {
    check();
    counters.increment(Counter.ACCEPT_CALLS);
    long socket = Winsock2.accept(errno, listener);
    if (socket < 0) {
      return socket;
    }
    // Neither is inherited from the listener for sure, and there is no accept that takes flags.
    Handleapi.setHandleInformation(errno, socket, WindowsConstant.HANDLE_FLAG_INHERIT, 0);
    int result = setNonBlocking(socket);
    return result < 0 ? given(socket, result) : socket;
  }

  @Override
  public int connect(long socket, Address to) {
    Objects.requireNonNull(to, "to");
    check();
    if (AddressBytes.isLoopback(to)) {
      Mstcpip.giveUpAtTheFirstRefusal(errno, socket, address);
    }
    int result = Winsock2.connect(errno, socket, address, AddressBytes.encode(address, to));
    return result == ErrorCode.WOULD_BLOCK ? ErrorCode.IN_PROGRESS : result;
  }

  @Override
  public int disconnect(long socket) {
    check();
    return ErrorCode.NOT_SUPPORTED;
  }

  @Override
  public int connectResult(long socket) {
    int error = getInt(socket, WinsockConstant.SOL_SOCKET, WinsockConstant.SO_ERROR);
    return error > 0 ? -error : error;
  }

  @Override
  public int receive(long socket, Buffer into) {
    int at = Custody.writeIndex(Objects.requireNonNull(into, "into"));
    int room = Custody.limit(into) - at;
    if (room == 0) {
      // recv would answer 0, which means the peer's end.
      return ErrorCode.INVALID;
    }
    counters.increment(Counter.RECEIVE_CALLS);
    int result = Winsock2.recv(errno, socket, Custody.memory(into), at, room);
    if (result > 0) {
      Custody.received(into, result);
    } else if (result == ErrorCode.WOULD_BLOCK) {
      counters.increment(Counter.WOULD_BLOCKS);
    }
    return result;
  }

  @Override
  public int send(long socket, Buffer from) {
    int at = Custody.readIndex(Objects.requireNonNull(from, "from"));
    int bytes = Math.min(Custody.writeIndex(from) - at, MOST_BYTES);
    counters.increment(Counter.SEND_CALLS);
    int result = Winsock2.send(errno, socket, Custody.memory(from), at, bytes);
    if (result > 0) {
      Custody.sent(from, result);
    } else if (result == ErrorCode.WOULD_BLOCK) {
      counters.increment(Counter.WOULD_BLOCKS);
    }
    return result;
  }

  @Override
  public int sendAll(long socket, Buffer[] from, int buffers) {
    Custody.checkGather(from, buffers, MAX_GATHER);
    check();
    if (buffers == 1) {
      return send(socket, from[0]);
    }
    int room = MOST_BYTES;
    for (int i = 0; i < buffers; i++) {
      Buffer buffer = from[i];
      int bytes = Math.min(Custody.readable(buffer), room);
      Wsabuf.set(
          vectors, 0, i, Custody.memory(buffer).address() + Custody.readIndex(buffer), bytes);
      room -= bytes;
    }
    counters.increment(Counter.SEND_CALLS);
    int result = Winsock2.wsaSendNow(errno, socket, vectors, buffers, count);
    Custody.sent(from, buffers, result);
    if (result == ErrorCode.WOULD_BLOCK) {
      counters.increment(Counter.WOULD_BLOCKS);
    }
    return result;
  }

  @Override
  public int setOption(long socket, SocketOption option, int number) {
    Objects.requireNonNull(option, "option");
    check();
    return switch (option) {
      case RESET_ON_CLOSE -> {
        Linger.setReset(value);
        yield Winsock2.setsockopt(
            errno, socket, level(option), name(option), value, Linger.BYTES);
      }
      // Two sockets with one address is what Windows calls SO_REUSEADDR, and there it is a way to steal connections.
      case REUSE_PORT -> number == 0 ? 0 : ErrorCode.NOT_SUPPORTED;
      // Below zero is "for ever" to Windows, and no value to Linux.
      case USER_TIMEOUT_MILLIS -> number < 0 ? ErrorCode.INVALID
          : setInt(socket, level(option), name(option), seconds(number));
      default -> setInt(socket, level(option), name(option), number);
    };
  }

  @Override
  public int getOption(long socket, SocketOption option) {
    Objects.requireNonNull(option, "option");
    check();
    if (option == SocketOption.REUSE_PORT) {
      return ErrorCode.NOT_SUPPORTED;
    }
    int result = getInt(socket, level(option), name(option));
    return option == SocketOption.USER_TIMEOUT_MILLIS && result > 0
        ? (int) Math.min(Integer.MAX_VALUE, (long) result * MILLIS_PER_SECOND)
        : result;
  }

  @Override
  public int setOption(long socket, int level, int name, Buffer from) {
    Objects.requireNonNull(from, "from");
    check();
    int at = Custody.readIndex(from);
    int bytes = Custody.writeIndex(from) - at;
    return Winsock2.setsockopt(
        errno, socket, level, name, Custody.memory(from).asSlice(at, bytes), bytes);
  }

  @Override
  public int shutdownOutput(long socket) {
    return Winsock2.shutdown(errno, socket, WinsockConstant.SD_SEND);
  }

  @Override
  public int closeSocket(long socket) {
    int result = Winsock2.closesocket(errno, socket);
    if (result == ErrorCode.WOULD_BLOCK) {
      // SO_LINGER with a time, set by its number: a close that may not wait leaves the socket open. Without it the system goes on sending.
      Linger.setOff(value);
      Winsock2.setsockopt(errno, socket, level(SocketOption.RESET_ON_CLOSE),
          name(SocketOption.RESET_ON_CLOSE), value, Linger.BYTES);
      result = Winsock2.closesocket(errno, socket);
    }
    return result;
  }

  @Override
  public @Nullable Address localAddress(long socket) {
    check();
    length.set(JAVA_INT, 0, Sockaddr.STORAGE_BYTES);
    return Winsock2.getsockname(errno, socket, address, length) < 0 ? null
        : AddressBytes.decode(address, length.get(JAVA_INT, 0));
  }

  @Override
  public @Nullable Address peerAddress(long socket) {
    check();
    length.set(JAVA_INT, 0, Sockaddr.STORAGE_BYTES);
    return Winsock2.getpeername(errno, socket, address, length) < 0 ? null
        : AddressBytes.decode(address, length.get(JAVA_INT, 0));
  }

  @Override
  public void close() {
    if (!closed) {
      check();
      closed = true;
      errno.close();
      NativeMemory.unmap(scratch);
    }
  }

  /**
   * Comes before the first access to the scratch memory: after close that memory is gone and an access would end the JVM, and
   * on another thread it would change an address that the owner is about to pass to the kernel.
   */
  private void check() {
    errno.state();
  }

  /** Closes a socket that nobody has seen yet, and says why. */
  private long given(long socket, int error) {
    Winsock2.closesocket(errno, socket);
    return error;
  }

  @Override
  public int setNonBlocking(long socket) {
    check();
    value.set(JAVA_INT, 0, 1);
    return Winsock2.ioctlsocket(errno, socket, WinsockConstant.FIONBIO, value);
  }

  private int setInt(long socket, int level, int name, int number) {
    value.set(JAVA_INT, 0, number);
    return Winsock2.setsockopt(errno, socket, level, name, value, Integer.BYTES);
  }

  private int getInt(long socket, int level, int name) {
    check();
    // Some options write one byte of the four.
    value.set(JAVA_INT, 0, 0);
    length.set(JAVA_INT, 0, Integer.BYTES);
    int result = Winsock2.getsockopt(errno, socket, level, name, value, length);
    return result < 0 ? result : value.get(JAVA_INT, 0);
  }

  /** Rounded up, so that a short time does not become none. */
  private static int seconds(int millis) {
    return millis == 0 ? 0 : (millis - 1) / MILLIS_PER_SECOND + 1;
  }

  private static int level(SocketOption option) {
    return switch (option) {
      case NO_DELAY, USER_TIMEOUT_MILLIS -> WinsockConstant.IPPROTO_TCP;
      default -> WinsockConstant.SOL_SOCKET;
    };
  }

  private static int name(SocketOption option) {
    return switch (option) {
      case NO_DELAY -> WinsockConstant.TCP_NODELAY;
      case KEEP_ALIVE -> WinsockConstant.SO_KEEPALIVE;
      case SEND_BUFFER_BYTES -> WinsockConstant.SO_SNDBUF;
      case RECEIVE_BUFFER_BYTES -> WinsockConstant.SO_RCVBUF;
      case REUSE_ADDRESS, REUSE_PORT -> WinsockConstant.SO_EXCLUSIVEADDRUSE;
      case RESET_ON_CLOSE -> WinsockConstant.SO_LINGER;
      case USER_TIMEOUT_MILLIS -> WinsockConstant.TCP_MAXRT;
    };
  }
}
