package io.janus.completion.uring;

import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.function.LongFunction;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is done to a handle's socket by a call and not by the ring, which has no operation for it, or only a slow one: peer, options,
 * shutdown, disconnect. A direct descriptor is lent one of the process for the length of the call, which means the same socket and is
 * closed again.
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
    try {
      return call.applyAsInt(lent);
    } finally {
      sockets.closeSocket(lent);
    }
  }

  /** A descriptor was lent too late for its call, whose caller was told that there is none; below zero there was none. */
  void cameLate(int lent) {
    if (lent >= 0) {
      sockets.closeSocket(lent);
    }
  }

  /** Throws away what the socket still holds, and tells the peer by a reset; it is good for nothing but a close then. */
  int disconnect(UringHandle handle) {
    return call(handle, sockets::disconnect);
  }

  /** Sends FIN after what the kernel has taken. */
  int shutdownOutput(UringHandle handle) {
    return call(handle, sockets::shutdownOutput);
  }

  /** Closes the handle's socket, if the process has it; a direct descriptor goes with the ring. */
  void close(UringHandle handle) {
    if (!handle.direct) {
      sockets.closeSocket(handle.fd);
    }
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
