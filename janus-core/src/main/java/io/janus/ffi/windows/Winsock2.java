package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.bsd.Sockaddr;
import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * winsock2.h, call for call. Zero or more is a result, less is the negative error. A socket is a handle of 64 bits. Pointers are
 * checked ranges of native segments.
 */
public final class Winsock2 {
  private static final MethodHandle WSA_STARTUP =
      Dll.WS2_32.plain("WSAStartup", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_LONG));
  private static final MethodHandle WSA_SOCKET =
      Dll.WS2_32.socketCall("WSASocketW",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND = Dll.WS2_32.socketCall("bind", nameOf(JAVA_INT));
  private static final MethodHandle LISTEN =
      Dll.WS2_32.socketCall("listen", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle ACCEPT =
      Dll.WS2_32.socketCall(
          "accept", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CONNECT = Dll.WS2_32.socketCall("connect", nameOf(JAVA_INT));
  private static final MethodHandle GETSOCKNAME =
      Dll.WS2_32.socketCall("getsockname", nameOf(JAVA_LONG));
  private static final MethodHandle GETPEERNAME =
      Dll.WS2_32.socketCall("getpeername", nameOf(JAVA_LONG));
  private static final MethodHandle GETSOCKOPT =
      Dll.WS2_32.socketCall("getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SETSOCKOPT =
      Dll.WS2_32.socketCall("setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle IOCTLSOCKET =
      Dll.WS2_32.socketCall(
          "ioctlsocket", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));
  private static final MethodHandle WSA_IOCTL =
      Dll.WS2_32.socketCall("WSAIoctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG,
              JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SHUTDOWN =
      Dll.WS2_32.socketCall("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle RECV = Dll.WS2_32.socketCall("recv", transfer());
  private static final MethodHandle SEND = Dll.WS2_32.socketCall("send", transfer());
  private static final MethodHandle WSA_RECV =
      Dll.WS2_32.socketCall("WSARecv",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG,
              JAVA_LONG, JAVA_LONG));
  private static final MethodHandle WSA_SEND =
      Dll.WS2_32.socketCall("WSASend",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT,
              JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CLOSESOCKET =
      Dll.WS2_32.socketCall("closesocket", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));

  private Winsock2() {}

  private static FunctionDescriptor nameOf(ValueLayout length) {
    return FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, length);
  }

  private static FunctionDescriptor transfer() {
    return FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);
  }

  /** WSAStartup into a {@link Wsadata}. */
  public static int wsaStartup(short version, MemorySegment data) {
    try {
      return -(int) WSA_STARTUP.invokeExact(
          version, Native.address(data, 0, Wsadata.LAYOUT.byteSize()));
    } catch (Throwable bug) {
      throw Native.bug("WSAStartup", bug);
    }
  }

  /** WSASocketW of the system's own provider. */
  public static long wsaSocket(Errno errno, int family, int type, int protocol, int flags) {
    try {
      return errno.socketHandle((long) WSA_SOCKET.invokeExact(
          errno.state(), family, type, protocol, 0L, 0, flags));
    } catch (Throwable bug) {
      throw Native.bug("WSASocketW", bug);
    }
  }

  /** bind. */
  public static int bind(Errno errno, long socket, MemorySegment address, int bytes) {
    try {
      return errno.socketResult(
          (int) BIND.invokeExact(errno.state(), socket, Native.address(address, 0, bytes), bytes));
    } catch (Throwable bug) {
      throw Native.bug("bind", bug);
    }
  }

  /** listen. */
  public static int listen(Errno errno, long socket, int backlog) {
    try {
      return errno.socketResult((int) LISTEN.invokeExact(errno.state(), socket, backlog));
    } catch (Throwable bug) {
      throw Native.bug("listen", bug);
    }
  }

  /** accept without asking for the peer's address; child processes would get the new socket. */
  public static long accept(Errno errno, long listener) {
    try {
      return errno.socketHandle((long) ACCEPT.invokeExact(errno.state(), listener, 0L, 0L));
    } catch (Throwable bug) {
      throw Native.bug("accept", bug);
    }
  }

  /** connect. */
  public static int connect(Errno errno, long socket, MemorySegment address, int bytes) {
    try {
      return errno.socketResult((int) CONNECT.invokeExact(
          errno.state(), socket, Native.address(address, 0, bytes), bytes));
    } catch (Throwable bug) {
      throw Native.bug("connect", bug);
    }
  }

  /** getsockname; {@code length} holds an int, in and out. */
  public static int getsockname(
      Errno errno, long socket, MemorySegment address, MemorySegment length) {
    try {
      return errno.socketResult((int) GETSOCKNAME.invokeExact(errno.state(), socket,
          Native.address(address, 0, Sockaddr.STORAGE_BYTES), Native.address(length, 0, 4)));
    } catch (Throwable bug) {
      throw Native.bug("getsockname", bug);
    }
  }

  /** getpeername; {@code length} holds an int, in and out. */
  public static int getpeername(
      Errno errno, long socket, MemorySegment address, MemorySegment length) {
    try {
      return errno.socketResult((int) GETPEERNAME.invokeExact(errno.state(), socket,
          Native.address(address, 0, Sockaddr.STORAGE_BYTES), Native.address(length, 0, 4)));
    } catch (Throwable bug) {
      throw Native.bug("getpeername", bug);
    }
  }

  /** getsockopt; {@code length} holds an int, in and out. Options of type BOOL may write one byte only: zero the value first. */
  public static int getsockopt(
      Errno errno, long socket, int level, int name, MemorySegment value, MemorySegment length) {
    try {
      return errno.socketResult((int) GETSOCKOPT.invokeExact(errno.state(), socket, level, name,
          Native.address(value, 0, length.get(JAVA_INT, 0)), Native.address(length, 0, 4)));
    } catch (Throwable bug) {
      throw Native.bug("getsockopt", bug);
    }
  }

  /** setsockopt. */
  public static int setsockopt(
      Errno errno, long socket, int level, int name, MemorySegment value, int bytes) {
    try {
      return errno.socketResult((int) SETSOCKOPT.invokeExact(
          errno.state(), socket, level, name, Native.address(value, 0, bytes), bytes));
    } catch (Throwable bug) {
      throw Native.bug("setsockopt", bug);
    }
  }

  /** ioctlsocket; {@code value} holds an int, in and out. */
  public static int ioctlsocket(Errno errno, long socket, int command, MemorySegment value) {
    try {
      return errno.socketResult((int) IOCTLSOCKET.invokeExact(
          errno.state(), socket, command, Native.address(value, 0, Integer.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("ioctlsocket", bug);
    }
  }

  /** WSAIoctl that ends at once; input and output of no bytes are NULL. */
  public static int wsaIoctl(Errno errno, long socket, int code, MemorySegment in, int inBytes,
      MemorySegment out, int outBytes, MemorySegment returned) {
    try {
      return errno.socketResult((int) WSA_IOCTL.invokeExact(errno.state(), socket, code,
          inBytes == 0 ? 0L : Native.address(in, 0, inBytes), inBytes,
          outBytes == 0 ? 0L : Native.address(out, 0, outBytes), outBytes,
          Native.address(returned, 0, Integer.BYTES), 0L, 0L));
    } catch (Throwable bug) {
      throw Native.bug("WSAIoctl", bug);
    }
  }

  /** shutdown. */
  public static int shutdown(Errno errno, long socket, int how) {
    try {
      return errno.socketResult((int) SHUTDOWN.invokeExact(errno.state(), socket, how));
    } catch (Throwable bug) {
      throw Native.bug("shutdown", bug);
    }
  }

  /** recv into a range of a segment. */
  public static int recv(Errno errno, long socket, MemorySegment into, long offset, int bytes) {
    try {
      return errno.socketResult((int) RECV.invokeExact(
          errno.state(), socket, Native.address(into, offset, bytes), bytes, 0));
    } catch (Throwable bug) {
      throw Native.bug("recv", bug);
    }
  }

  /** send from a range of a segment. */
  public static int send(Errno errno, long socket, MemorySegment from, long offset, int bytes) {
    try {
      return errno.socketResult((int) SEND.invokeExact(
          errno.state(), socket, Native.address(from, offset, bytes), bytes, 0));
    } catch (Throwable bug) {
      throw Native.bug("send", bug);
    }
  }

  /**
   * WSASend without an {@link Overlapped}, as send of several buffers.
   *
   * @param count of the {@link Wsabuf} array
   * @param sent scratch of 4 bytes
   * @return the bytes sent, or the negative error
   */
  public static int wsaSendNow(
      Errno errno, long socket, MemorySegment buffers, int count, MemorySegment sent) {
    try {
      int result = errno.socketResult((int) WSA_SEND.invokeExact(errno.state(), socket,
          Native.address(buffers, 0, count * Wsabuf.BYTES), count,
          Native.address(sent, 0, Integer.BYTES), 0, 0L, 0L));
      return result < 0 ? result : sent.get(JAVA_INT, 0);
    } catch (Throwable bug) {
      throw Native.bug("WSASend", bug);
    }
  }

  /**
   * WSARecv with an {@link Overlapped}. The byte count is not asked for: it is in the {@link Overlapped}.
   *
   * @param slab holds the {@link Wsabuf} array, the flags (an int, in and out) and the {@link Overlapped}; the last two stay the
   *     kernel's until the packet has been dequeued
   * @return 0 if it is done already, −{@link WinError#ERROR_IO_PENDING} if it goes on, or another negative error if it has not begun
   */
  public static int wsaRecv(Errno errno, long socket, MemorySegment slab, long buffersAt,
      int count, long flagsAt, long overlappedAt) {
    try {
      return errno.socketResult((int) WSA_RECV.invokeExact(errno.state(), socket,
          Native.address(slab, buffersAt, count * Wsabuf.BYTES), count, 0L,
          Native.address(slab, flagsAt, Integer.BYTES),
          Native.address(slab, overlappedAt, Overlapped.BYTES), 0L));
    } catch (Throwable bug) {
      throw Native.bug("WSARecv", bug);
    }
  }

  /** WSASend with an {@link Overlapped}; memory and results as with {@link #wsaRecv}. */
  public static int wsaSend(Errno errno, long socket, MemorySegment slab, long buffersAt,
      int count, int flags, long overlappedAt) {
    try {
      return errno.socketResult((int) WSA_SEND.invokeExact(errno.state(), socket,
          Native.address(slab, buffersAt, count * Wsabuf.BYTES), count, 0L, flags,
          Native.address(slab, overlappedAt, Overlapped.BYTES), 0L));
    } catch (Throwable bug) {
      throw Native.bug("WSASend", bug);
    }
  }

  /** closesocket. */
  public static int closesocket(Errno errno, long socket) {
    try {
      return errno.socketResult((int) CLOSESOCKET.invokeExact(errno.state(), socket));
    } catch (Throwable bug) {
      throw Native.bug("closesocket", bug);
    }
  }
}
