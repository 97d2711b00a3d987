package io.janus.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.bsd.Sockaddr;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.linux.Iovec;
import io.janus.ffi.linux.Linger;
import io.janus.ffi.linux.Msghdr;
import io.janus.ffi.linux.Rlimit;
import io.janus.ffi.linux.SocketConstant;
import io.janus.ffi.linux.SysIoctl;
import io.janus.ffi.linux.SysResource;
import io.janus.ffi.linux.SysSocket;
import io.janus.ffi.linux.TcpInfo;
import io.janus.ffi.linux.Unistd;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The verbs on Linux: socket(7), tcp(7). A socket is a file descriptor. */
final class LinuxSockets implements Sockets {
  private static final int STREAM =
      SocketConstant.SOCK_STREAM | SocketConstant.SOCK_NONBLOCK | SocketConstant.SOCK_CLOEXEC;

  // Scratch layout, one page: errno cell, address, its length, an option's value, msghdr, gather list, TCP's state.
  private static final int ADDRESS_AT = 64;
  private static final int LENGTH_AT = ADDRESS_AT + Sockaddr.STORAGE_BYTES;
  private static final int VALUE_AT = LENGTH_AT + 8;
  private static final int MESSAGE_AT = VALUE_AT + 16;
  private static final int VECTORS_AT = MESSAGE_AT + 64;
  private static final int INFO_AT = VECTORS_AT + MAX_GATHER * 16;
  private static final int SCRATCH_BYTES = INFO_AT + TcpInfo.BYTES;

  private final MemorySegment scratch = NativeMemory.map(SCRATCH_BYTES);
  private final Errno errno = new Errno(scratch);
  private final MemorySegment address = scratch.asSlice(ADDRESS_AT, Sockaddr.STORAGE_BYTES);
  private final MemorySegment length = scratch.asSlice(LENGTH_AT, 4);
  private final MemorySegment value = scratch.asSlice(VALUE_AT, Linger.BYTES);
  private final MemorySegment limit = scratch.asSlice(VALUE_AT, Rlimit.BYTES);
  private final MemorySegment message = scratch.asSlice(MESSAGE_AT, Msghdr.BYTES);
  private final MemorySegment vectors = scratch.asSlice(VECTORS_AT, MAX_GATHER * Iovec.BYTES);
  private final MemorySegment info = scratch.asSlice(INFO_AT, TcpInfo.BYTES);
  private final Counters counters;
  private boolean closed;

  LinuxSockets(Counters counters) {
    this.counters = counters;
  }

  @Override
  public long open(Address like) {
    int family =
        switch (Objects.requireNonNull(like, "like")) {
          case Address.Ipv4 v4 -> Sockaddr.AF_INET;
          case Address.Ipv6 v6 -> Sockaddr.AF_INET6;
          case Address.Unix unix -> Sockaddr.AF_UNIX;
        };
    return SysSocket.socket(errno, family, STREAM, 0);
  }

  @Override
  public int setNonBlocking(long socket) {
    check();
    if (socket != (int) socket) {
      return ErrorCode.INVALID;
    }
    // The ioctl knows files as well, so the question is first whether this is a socket.
    int type = getInt(socket, SocketConstant.SOL_SOCKET, SocketConstant.SO_TYPE);
    if (type < 0) {
      return type;
    }
    value.set(JAVA_INT, 0, 1);
    return SysIoctl.ioctl(errno, (int) socket, SysIoctl.FIONBIO, value);
  }

  @Override
  public int bind(long socket, Address at) {
    Objects.requireNonNull(at, "at");
    check();
    return SysSocket.bind(errno, (int) socket, address, AddressBytes.encode(address, at));
  }

  @Override
  public int listen(long socket, int backlog) {
    return SysSocket.listen(errno, (int) socket, backlog);
  }

  @Override
  public long accept(long listener) {
    int result;
    do {
      counters.increment(Counter.ACCEPT_CALLS);
      result =
          SysSocket.accept4(
              errno, (int) listener, SocketConstant.SOCK_NONBLOCK | SocketConstant.SOCK_CLOEXEC);
    } while (result == ErrorCode.INTERRUPTED);
    return result;
  }

  @Override
  public int connect(long socket, Address to) {
    Objects.requireNonNull(to, "to");
    check();
    int result = SysSocket.connect(errno, (int) socket, address, AddressBytes.encode(address, to));
    if (result == ErrorCode.WOULD_BLOCK && to instanceof Address.Unix) {
      // Nothing was started, and no readiness would ever tell: unix(7) has no connect in progress.
      return ErrorCode.BACKLOG_FULL;
    }
    // An interrupted connect goes on by itself: connect(2). Calling again would say EALREADY.
    return result == ErrorCode.INTERRUPTED ? ErrorCode.IN_PROGRESS : result;
  }

  @Override
  public int disconnect(long socket) {
    check();
    return SysSocket.connect(errno, (int) socket, address, Sockaddr.setNone(address));
  }

  @Override
  public int connectResult(long socket) {
    int error = getInt(socket, SocketConstant.SOL_SOCKET, SocketConstant.SO_ERROR);
    return error > 0 ? -error : error;
  }

  @Override
  public int receive(long socket, Buffer into) {
    int at = Custody.writeIndex(Objects.requireNonNull(into, "into"));
    int room = Custody.limit(into) - at;
    if (room == 0) {
      // recv(2) would answer 0, which means the peer's end.
      return ErrorCode.INVALID;
    }
    int result;
    do {
      counters.increment(Counter.RECEIVE_CALLS);
      result = SysSocket.recv(errno, (int) socket, Custody.memory(into), at, room, 0);
    } while (result == ErrorCode.INTERRUPTED);
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
    int bytes = Custody.writeIndex(from) - at;
    int result;
    do {
      counters.increment(Counter.SEND_CALLS);
      result =
          SysSocket.send(
              errno, (int) socket, Custody.memory(from), at, bytes, SocketConstant.MSG_NOSIGNAL);
    } while (result == ErrorCode.INTERRUPTED);
    if (result > 0) {
      Custody.sent(from, result);
    } else if (result == ErrorCode.WOULD_BLOCK) {
      counters.increment(Counter.WOULD_BLOCKS);
    }
    return result;
  }

  @Override
  public int sendAll(long socket, Buffer[] from, int count) {
    Custody.checkGather(from, count, MAX_GATHER);
    check();
    if (count == 1) {
      return send(socket, from[0]);
    }
    for (int i = 0; i < count; i++) {
      Buffer buffer = from[i];
      int at = Custody.readIndex(buffer);
      Iovec.set(
          vectors, i, Custody.memory(buffer).address() + at, Custody.writeIndex(buffer) - at);
    }
    Msghdr.setVectors(message, vectors, count);
    int result;
    do {
      counters.increment(Counter.SEND_CALLS);
      result =
          SysSocket.sendmsg(errno, (int) socket, message, SocketConstant.MSG_NOSIGNAL);
    } while (result == ErrorCode.INTERRUPTED);
    Custody.sent(from, count, result);
    if (result == ErrorCode.WOULD_BLOCK) {
      counters.increment(Counter.WOULD_BLOCKS);
    }
    return result;
  }

  @Override
  public int setOption(long socket, SocketOption option, int number) {
    Objects.requireNonNull(option, "option");
    check();
    if (option == SocketOption.RESET_ON_CLOSE) {
      Linger.setReset(value);
      return SysSocket.setsockopt(
          errno, (int) socket, level(option), name(option), value, Linger.BYTES);
    }
    value.set(JAVA_INT, 0, number);
    return SysSocket.setsockopt(
        errno, (int) socket, level(option), name(option), value, Integer.BYTES);
  }

  @Override
  public int getOption(long socket, SocketOption option) {
    Objects.requireNonNull(option, "option");
    return getInt(socket, level(option), name(option));
  }

  @Override
  public int setOption(long socket, int level, int name, Buffer from) {
    Objects.requireNonNull(from, "from");
    check();
    int at = Custody.readIndex(from);
    int bytes = Custody.writeIndex(from) - at;
    return SysSocket.setsockopt(
        errno, (int) socket, level, name, Custody.memory(from).asSlice(at, bytes), bytes);
  }

  @Override
  public int shutdownOutput(long socket) {
    return SysSocket.shutdown(errno, (int) socket, SocketConstant.SHUT_WR);
  }

  @Override
  public int closeSocket(long socket) {
    int result = Unistd.close(errno, (int) socket);
    // On Linux the descriptor is gone even when a signal interrupted close(2); closing again could hit a stranger.
    return result == ErrorCode.INTERRUPTED ? 0 : result;
  }

  @Override
  public @Nullable Address localAddress(long socket) {
    check();
    length.set(JAVA_INT, 0, Sockaddr.STORAGE_BYTES);
    return SysSocket.getsockname(errno, (int) socket, address, length) < 0 ? null
        : AddressBytes.decode(address, length.get(JAVA_INT, 0));
  }

  @Override
  public @Nullable Address peerAddress(long socket) {
    check();
    length.set(JAVA_INT, 0, Sockaddr.STORAGE_BYTES);
    return SysSocket.getpeername(errno, (int) socket, address, length) < 0 ? null
        : AddressBytes.decode(address, length.get(JAVA_INT, 0));
  }

  @Override
  public long acknowledgedBytes(long socket) {
    check();
    length.set(JAVA_INT, 0, TcpInfo.BYTES);
    int result =
        SysSocket.getsockopt(
            errno, (int) socket, SocketConstant.IPPROTO_TCP, SocketConstant.TCP_INFO, info, length);
    if (result < 0) {
      return result;
    }
    return length.get(JAVA_INT, 0) < TcpInfo.BYTES ? ErrorCode.NOT_SUPPORTED
        : TcpInfo.bytesAcked(info);
  }

  @Override
  public long descriptorLimit() {
    check();
    boolean known =
        SysResource.getrlimit(errno, Rlimit.NOFILE, limit) == 0 && Rlimit.soft(limit) >= 0;
    return known ? Rlimit.soft(limit) : Long.MAX_VALUE;
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

  private int getInt(long socket, int level, int name) {
    check();
    value.set(JAVA_INT, 0, 0);
    length.set(JAVA_INT, 0, Integer.BYTES);
    int result = SysSocket.getsockopt(errno, (int) socket, level, name, value, length);
    return result < 0 ? result : value.get(JAVA_INT, 0);
  }

  private static int level(SocketOption option) {
    return switch (option) {
      case NO_DELAY, USER_TIMEOUT_MILLIS -> SocketConstant.IPPROTO_TCP;
      default -> SocketConstant.SOL_SOCKET;
    };
  }

  private static int name(SocketOption option) {
    return switch (option) {
      case NO_DELAY -> SocketConstant.TCP_NODELAY;
      case KEEP_ALIVE -> SocketConstant.SO_KEEPALIVE;
      case SEND_BUFFER_BYTES -> SocketConstant.SO_SNDBUF;
      case RECEIVE_BUFFER_BYTES -> SocketConstant.SO_RCVBUF;
      case REUSE_ADDRESS -> SocketConstant.SO_REUSEADDR;
      case REUSE_PORT -> SocketConstant.SO_REUSEPORT;
      case RESET_ON_CLOSE -> SocketConstant.SO_LINGER;
      case USER_TIMEOUT_MILLIS -> SocketConstant.TCP_USER_TIMEOUT;
    };
  }
}
