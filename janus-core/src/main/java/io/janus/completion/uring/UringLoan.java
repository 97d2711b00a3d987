package io.janus.completion.uring;

import io.janus.ffi.ErrorCode;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.util.function.LongFunction;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A socket of the process for the length of one call, for what the ring has no operation for. A direct descriptor is lent one,
 * which means the same socket and is closed again.
 */
final class UringLoan {
  private final Sockets sockets;
  private final @Nullable DirectDescriptors direct;

  UringLoan(Sockets sockets, @Nullable DirectDescriptors direct) {
    this.sockets = sockets;
    this.direct = direct;
  }

  /** The call's result, or why there is no socket to call. */
  int call(UringHandle handle, LongToIntFunction call) {
    if (!handle.direct || direct == null) {
      return call.applyAsInt(handle.fd);
    }
    int lent = direct.lend(handle.fd);
    if (lent < 0) {
      return lent;
    }
    int result = call.applyAsInt(lent);
    sockets.closeSocket(lent);
    return result;
  }

  /** Throws away what the socket still holds, and tells the peer by a reset; it is good for nothing but a close then. */
  void disconnect(UringHandle handle) {
    call(handle, sockets::disconnect);
  }

  /** Makes the close of a handle a reset; by the ring itself where the process has no descriptor to lend. */
  int resetOnClose(UringHandle handle) {
    int result = call(handle, socket -> sockets.setOption(socket, SocketOption.RESET_ON_CLOSE, 1));
    return result < 0 && result != ErrorCode.BUSY && direct != null && handle.direct
        ? direct.resetOnClose(handle.fd)
        : result;
  }

  /** The peer's address; null if it is gone already. */
  @Nullable
  Address peer(UringHandle handle) {
    Address[] told = new Address[1];
    LongFunction<@Nullable Address> ask = sockets::peerAddress;
    call(
        handle,
        socket -> {
          told[0] = ask.apply(socket);
          return 0;
        });
    return told[0];
  }
}
