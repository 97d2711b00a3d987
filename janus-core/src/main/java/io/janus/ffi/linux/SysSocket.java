package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.bsd.Sockaddr;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * sys/socket.h, call for call. Results of zero or more are results; below zero is −errno. Pointers are checked ranges of
 * native segments.
 */
public final class SysSocket {
  private static final MethodHandle SOCKET =
      Native.call("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      Native.call("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle LISTEN =
      Native.call("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACCEPT4 = Native.call("accept4",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CONNECT =
      Native.call("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GETSOCKNAME =
      Native.call("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle GETPEERNAME =
      Native.call("getpeername", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle GETSOCKOPT = Native.call("getsockopt",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SETSOCKOPT = Native.call("setsockopt",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SHUTDOWN =
      Native.call("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle RECV = Native.call("recv",
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SEND = Native.call("send",
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SENDMSG =
      Native.call("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  private SysSocket() {}

  /** socket(2). */
  public static int socket(Errno errno, int domain, int type, int protocol) {
    try {
      return errno.orNegative((int) SOCKET.invokeExact(errno.state(), domain, type, protocol));
    } catch (Throwable bug) {
      throw Native.bug("socket", bug);
    }
  }

  /** bind(2). */
  public static int bind(Errno errno, int fd, MemorySegment address, int bytes) {
    try {
      return errno.orNegative(
          (int) BIND.invokeExact(errno.state(), fd, Native.address(address, 0, bytes), bytes));
    } catch (Throwable bug) {
      throw Native.bug("bind", bug);
    }
  }

  /** listen(2). */
  public static int listen(Errno errno, int fd, int backlog) {
    try {
      return errno.orNegative((int) LISTEN.invokeExact(errno.state(), fd, backlog));
    } catch (Throwable bug) {
      throw Native.bug("listen", bug);
    }
  }

  /** accept4(2) without asking for the peer's address. */
  public static int accept4(Errno errno, int fd, int flags) {
    try {
      return errno.orNegative((int) ACCEPT4.invokeExact(errno.state(), fd, 0L, 0L, flags));
    } catch (Throwable bug) {
      throw Native.bug("accept4", bug);
    }
  }

  /** connect(2). */
  public static int connect(Errno errno, int fd, MemorySegment address, int bytes) {
    try {
      return errno.orNegative(
          (int) CONNECT.invokeExact(errno.state(), fd, Native.address(address, 0, bytes), bytes));
    } catch (Throwable bug) {
      throw Native.bug("connect", bug);
    }
  }

  /** getsockname(2); {@code length} holds an int, in and out. */
  public static int getsockname(Errno errno, int fd, MemorySegment address, MemorySegment length) {
    try {
      return errno.orNegative((int) GETSOCKNAME.invokeExact(errno.state(), fd,
          Native.address(address, 0, Sockaddr.STORAGE_BYTES), Native.address(length, 0, 4)));
    } catch (Throwable bug) {
      throw Native.bug("getsockname", bug);
    }
  }

  /** getpeername(2); {@code length} holds an int, in and out. */
  public static int getpeername(Errno errno, int fd, MemorySegment address, MemorySegment length) {
    try {
      return errno.orNegative((int) GETPEERNAME.invokeExact(errno.state(), fd,
          Native.address(address, 0, Sockaddr.STORAGE_BYTES), Native.address(length, 0, 4)));
    } catch (Throwable bug) {
      throw Native.bug("getpeername", bug);
    }
  }

  /** getsockopt(2); {@code length} holds an int, in and out. */
  public static int getsockopt(Errno errno, int fd, int level, int name, MemorySegment value,
      MemorySegment length) {
    try {
      return errno.orNegative((int) GETSOCKOPT.invokeExact(errno.state(), fd, level, name,
          Native.address(value, 0, length.get(JAVA_INT, 0)), Native.address(length, 0, 4)));
    } catch (Throwable bug) {
      throw Native.bug("getsockopt", bug);
    }
  }

  /** setsockopt(2). */
  public static int setsockopt(Errno errno, int fd, int level, int name, MemorySegment value,
      int bytes) {
    try {
      return errno.orNegative((int) SETSOCKOPT.invokeExact(errno.state(), fd, level, name,
          Native.address(value, 0, bytes), bytes));
    } catch (Throwable bug) {
      throw Native.bug("setsockopt", bug);
    }
  }

  /** shutdown(2). */
  public static int shutdown(Errno errno, int fd, int how) {
    try {
      return errno.orNegative((int) SHUTDOWN.invokeExact(errno.state(), fd, how));
    } catch (Throwable bug) {
      throw Native.bug("shutdown", bug);
    }
  }

  /** recv(2) into a range of a segment. */
  public static int recv(Errno errno, int fd, MemorySegment into, long offset, long bytes,
      int flags) {
    try {
      return errno.orNegative((long) RECV.invokeExact(errno.state(), fd,
          Native.address(into, offset, bytes), bytes, flags));
    } catch (Throwable bug) {
      throw Native.bug("recv", bug);
    }
  }

  /** send(2) from a range of a segment. */
  public static int send(Errno errno, int fd, MemorySegment from, long offset, long bytes,
      int flags) {
    try {
      return errno.orNegative((long) SEND.invokeExact(errno.state(), fd,
          Native.address(from, offset, bytes), bytes, flags));
    } catch (Throwable bug) {
      throw Native.bug("send", bug);
    }
  }

  /** sendmsg(2). */
  public static int sendmsg(Errno errno, int fd, MemorySegment message, int flags) {
    try {
      return errno.orNegative((long) SENDMSG.invokeExact(errno.state(), fd,
          Native.address(message, 0, Msghdr.BYTES), flags));
    } catch (Throwable bug) {
      throw Native.bug("sendmsg", bug);
    }
  }
}
