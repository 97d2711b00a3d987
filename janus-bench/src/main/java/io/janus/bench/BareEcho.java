package io.janus.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The smallest echo server on epoll by {@code java.lang.foreign} alone: what Java can reach here.
 *
 * <p>It does what the C twin does, call for call, and shares nothing with Janus, whose distance
 * from it is the price of Janus's own code.
 */
public final class BareEcho {
  private static final int BATCH = 256;
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int BACKLOG = 4096;

  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EPOLL_ADD = 1;
  private static final int EPOLL_MOD = 3;
  private static final int EPOLLIN = 1;
  private static final int EPOLLOUT = 4;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int ECONNABORTED = 103;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final MethodHandle SOCKET = ints("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      ints("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle BIND = ints("bind", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle LISTEN = ints("listen", JAVA_INT, JAVA_INT);
  private static final MethodHandle GETSOCKNAME =
      ints("getsockname", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle ACCEPT4 =
      ints("accept4", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle CLOSE = ints("close", JAVA_INT);
  private static final MethodHandle EPOLL_CREATE1 = ints("epoll_create1", JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      ints("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle EPOLL_WAIT =
      ints("epoll_wait", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle RECV =
      handle("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SEND =
      handle("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  /** The kernel packs its epoll_event on x86-64 only: 12 bytes there, 16 elsewhere. */
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

  private static final int EVENT_BYTES = PACKED ? 12 : 16;
  private static final int EVENT_DATA = PACKED ? 4 : 8;
  private static final int ADDRESS_BYTES = 16;
  private static final int PAGE = 4096;
  private static final ValueLayout.OfShort NETWORK_SHORT =
      JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private static final MemorySegment STATE = Arena.global().allocate(64, 64);
  private static final MemorySegment SCRATCH = Arena.global().allocate(64, 64);
  private static final MemorySegment EVENTS =
      Arena.global().allocate((long) BATCH * EVENT_BYTES, PAGE);
  private static final MemorySegment BUFFER = Arena.global().allocate(BUFFER_BYTES, PAGE);

  /** What short sends left over, by descriptor; such a connection is watched for writing only. */
  private final Map<Integer, byte[]> rests = new HashMap<>();

  private final int poller;
  private final int listener;

  private BareEcho(int port) throws Throwable {
    poller = check("epoll_create1", (int) EPOLL_CREATE1.invokeExact(STATE, EPOLL_CLOEXEC));
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    listener = check("socket", (int) SOCKET.invokeExact(STATE, AF_INET, type, 0));
    enable(listener, SOL_SOCKET, SO_REUSEADDR);
    long address = SCRATCH.address();
    SCRATCH.fill((byte) 0);
    SCRATCH.set(JAVA_SHORT, 0, (short) AF_INET);
    SCRATCH.set(NETWORK_SHORT, 2, (short) port);
    SCRATCH.asSlice(4).copyFrom(MemorySegment.ofArray(new byte[] {127, 0, 0, 1}));
    check("bind", (int) BIND.invokeExact(STATE, listener, address, ADDRESS_BYTES));
    check("listen", (int) LISTEN.invokeExact(STATE, listener, BACKLOG));
    watch(EPOLL_ADD, listener, EPOLLIN);
  }

  /** Serves until the process is ended; the only argument is the port, 0 by default. */
  public static void main(String[] args) throws Throwable {
    BareEcho echo = new BareEcho(args.length > 0 ? Integer.parseInt(args[0]) : 0);
    System.out.println("listening on 127.0.0.1:" + echo.port());
    // A method of its own: the compiler then builds it whole, not from the middle of this loop.
    while (true) {
      echo.turn();
    }
  }

  private void turn() throws Throwable {
    int count = (int) EPOLL_WAIT.invokeExact(STATE, poller, EVENTS.address(), BATCH, -1);
    for (int i = 0; i < count; i++) {
      int fd = EVENTS.get(JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES + EVENT_DATA);
      if (fd == listener) {
        acceptAll();
      } else if (!rests.isEmpty() && rests.containsKey(fd)) {
        sendRest(fd);
      } else {
        echo(fd);
      }
    }
  }

  private void echo(int fd) throws Throwable {
    long received;
    do {
      received = (long) RECV.invokeExact(STATE, fd, BUFFER.address(), (long) BUFFER_BYTES, 0);
      if (received <= 0) {
        if (received == 0 || !isTransient()) {
          close(fd);
        }
        return;
      }
      long sent = send(fd, received);
      if (sent < 0) {
        close(fd);
        return;
      }
      if (sent < received) {
        rests.put(fd, BUFFER.asSlice(sent, received - sent).toArray(JAVA_BYTE));
        watch(EPOLL_MOD, fd, EPOLLOUT);
        return;
      }
      // A short read emptied the socket; asking again would only cost a system call.
    } while (received == BUFFER_BYTES);
  }

  private void sendRest(int fd) throws Throwable {
    byte[] rest = rests.get(fd);
    MemorySegment.copy(rest, 0, BUFFER, JAVA_BYTE, 0, rest.length);
    int sent = (int) send(fd, rest.length);
    if (sent < 0) {
      rests.remove(fd);
      close(fd);
    } else if (sent == rest.length) {
      rests.remove(fd);
      watch(EPOLL_MOD, fd, EPOLLIN);
    } else if (sent > 0) {
      rests.put(fd, Arrays.copyOfRange(rest, sent, rest.length));
    }
  }

  /** How many bytes of the buffer's start went out: 0 if the socket is full, -1 if it is broken. */
  private static long send(int fd, long length) throws Throwable {
    long sent = (long) SEND.invokeExact(STATE, fd, BUFFER.address(), length, MSG_NOSIGNAL);
    return sent < 0 && isTransient() ? 0 : sent;
  }

  private void acceptAll() throws Throwable {
    int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd;
    while ((fd = (int) ACCEPT4.invokeExact(STATE, listener, 0L, 0L, flags)) >= 0) {
      enable(fd, IPPROTO_TCP, TCP_NODELAY);
      watch(EPOLL_ADD, fd, EPOLLIN);
    }
    if (!isTransient()) {
      check("accept4", fd);
    }
  }

  private void watch(int operation, int fd, int events) throws Throwable {
    SCRATCH.set(JAVA_INT, 0, events);
    SCRATCH.set(JAVA_INT, EVENT_DATA, fd);
    long event = SCRATCH.address();
    check("epoll_ctl", (int) EPOLL_CTL.invokeExact(STATE, poller, operation, fd, event));
  }

  private static void enable(int fd, int level, int option) throws Throwable {
    SCRATCH.set(JAVA_INT, 0, 1);
    long one = SCRATCH.address();
    check("setsockopt", (int) SETSOCKOPT.invokeExact(STATE, fd, level, option, one, Integer.BYTES));
  }

  private static void close(int fd) throws Throwable {
    // The descriptor is released even when close reports an error.
    int _ = (int) CLOSE.invokeExact(STATE, fd);
  }

  private int port() throws Throwable {
    long address = SCRATCH.address();
    SCRATCH.set(JAVA_INT, ADDRESS_BYTES, ADDRESS_BYTES);
    long length = address + ADDRESS_BYTES;
    check("getsockname", (int) GETSOCKNAME.invokeExact(STATE, listener, address, length));
    return Short.toUnsignedInt(SCRATCH.get(NETWORK_SHORT, 2));
  }

  private static int errno() {
    return STATE.get(JAVA_INT, 0);
  }

  /** Whether the failed call may succeed later, on the same descriptor. */
  private static boolean isTransient() {
    return switch (errno()) {
      case EAGAIN, EINTR, ECONNABORTED -> true;
      default -> false;
    };
  }

  private static int check(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + " failed with errno " + errno());
    }
    return result;
  }

  private static MethodHandle ints(String name, MemoryLayout... parameters) {
    return handle(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, ERRNO);
  }
}
