package io.janus.completion.iocp;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.windows.Guid;
import io.janus.ffi.windows.Mswsock;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.WinsockConstant;
import io.janus.ffi.windows.WsaProtocolInfo;
import java.lang.foreign.MemorySegment;

/**
 * The functions that Windows Sockets has beyond its own, of one address family: their addresses are asked from a socket, once for each
 * family, because each family's provider has its own.
 */
final class SocketExtensions {
  /** Bytes of scratch that finding them takes. */
  static final long SCRATCH_BYTES = WsaProtocolInfo.BYTES + 2L * Long.BYTES;

  final int family;
  final MemorySegment acceptEx;
  final MemorySegment connectEx;
  final MemorySegment getAcceptExSockaddrs;

  /** 0, or the error of the first one that there is not. */
  final int error;

  SocketExtensions(Errno errno, long socket, int family, MemorySegment scratch) {
    this.family = family;
    long accept = Mswsock.find(errno, socket, Guid.ACCEPTEX, scratch);
    long connect = Mswsock.find(errno, socket, Guid.CONNECTEX, scratch);
    long sockaddrs = Mswsock.find(errno, socket, Guid.GETACCEPTEXSOCKADDRS, scratch);
    error = (int) (accept < 0 ? accept : connect < 0 ? connect : Math.min(sockaddrs, 0));
    acceptEx = MemorySegment.ofAddress(accept);
    connectEx = MemorySegment.ofAddress(connect);
    getAcceptExSockaddrs = MemorySegment.ofAddress(sockaddrs);
  }

  /**
   * Whether a success that is known at once may be told without a packet: only where the socket is the system's own. A program that
   * has put itself between (a layered provider) queues its own packets, or gives another socket than the real one.
   */
  static boolean isPlain(Errno errno, long socket, MemorySegment scratch) {
    MemorySegment length = scratch.asSlice(WsaProtocolInfo.BYTES, Integer.BYTES);
    length.set(JAVA_INT, 0, WsaProtocolInfo.BYTES);
    if (Winsock2.getsockopt(errno, socket, WinsockConstant.SOL_SOCKET,
        WinsockConstant.SO_PROTOCOL_INFOW, scratch, length) < 0
        || !WsaProtocolInfo.areSystemHandles(scratch)) {
      return false;
    }
    MemorySegment base = scratch.asSlice(0, Long.BYTES);
    return Winsock2.wsaIoctl(errno, socket, WinsockConstant.SIO_BASE_HANDLE, scratch, 0, base,
        Long.BYTES, length) >= 0 && base.get(JAVA_LONG, 0) == socket;
  }
}
