package io.janus.connection;

import io.janus.limit.Counter;
import io.janus.socket.SocketOption;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * Gives the connections that one loop accepts to all loops in turn, where the system lets several loops not listen on one address. A
 * connection changes the loop before anything was done on it, so it belongs to one loop for all its life like any other.
 */
public final class Spread {
  private final List<ConnectionManager> managers;

  /** The accepting loop's. */
  private int next;

  /**
   * @param managers all loops that take part; empty if each keeps what it accepts
   */
  public Spread(List<ConnectionManager> managers) {
    this.managers = List.copyOf(managers);
  }

  /** The accepting loop's thread: true if the connection, which is counted, has gone to another loop or is gone. */
  boolean offer(ConnectionManager from, Handler handler, long handle) {
    if (managers.size() < 2) {
      return false;
    }
    ConnectionManager to = managers.get(next);
    next = (next + 1) % managers.size();
    long socket = to == from ? -1 : from.disown(handle);
    if (socket < 0) {
      return false;
    }
    try {
      to.loop.execute(() -> open(to, handler, socket));
    } catch (RejectedExecutionException full) {
      // Its mailbox is full, or it ends.
      open(from, handler, socket);
    }
    return true;
  }

  private static void open(ConnectionManager to, Handler handler, long socket) {
    long handle = to.isDraining() ? -1 : to.adopt(socket);
    if (handle >= 0) {
      to.opened(handler, handle);
      return;
    }
    // It came too late for the drain that nobody would end any more, or the system refuses it; the peer is not left waiting.
    to.sockets.setOption(socket, SocketOption.RESET_ON_CLOSE, 1);
    to.sockets.closeSocket(socket);
    to.budget.giveBack();
    to.counters.increment(Counter.ACCEPT_FAILURES);
  }
}
