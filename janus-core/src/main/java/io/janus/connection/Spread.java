package io.janus.connection;

import io.janus.limit.Counter;
import io.janus.socket.SocketOption;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * Gives the connections that one loop accepts to all loops in turn, where the system lets several loops not listen on one address. A
 * connection changes the loop before anything was done on it, so it belongs to one loop for all its life like any other. One for each
 * listener.
 */
public final class Spread {
  private final List<ConnectionManager> managers;

  /** How many drains each had begun before it listened; a later one ends the listener too, and is to end all that came by it. */
  private final int[] drainsBefore;

  /** The accepting loop's. */
  private int next;

  /**
   * @param managers all loops that take part, first the one that accepts; empty if each keeps what it accepts
   */
  public Spread(List<ConnectionManager> managers) {
    this.managers = List.copyOf(managers);
    this.drainsBefore =
        this.managers.stream().mapToInt(manager -> manager.drains.begun()).toArray();
  }

  /** The accepting loop's thread: true if the connection, which is counted, has gone to another loop or is gone. */
  boolean offer(ConnectionManager from, Handler handler, long handle) {
    // A listener that lives after a drain which began while it was made cannot know whom that drain has passed already.
    if (managers.size() < 2 || from.drains.begun() != drainsBefore[0]) {
      return false;
    }
    int turn = next;
    next = (next + 1) % managers.size();
    ConnectionManager to = managers.get(turn);
    if (to == from || !from.budget.moveTo(to.budget)) {
      // Its turn, or the other loop can serve no more.
      return false;
    }
    long socket = from.disown(handle);
    if (socket < 0) {
      from.budget.moveBackFrom(to.budget);
      return false;
    }
    try {
      to.loop.execute(() -> open(to, handler, socket, drainsBefore[turn]));
    } catch (RejectedExecutionException full) {
      // Its mailbox is full, or it ends.
      from.budget.moveBackFrom(to.budget);
      open(from, handler, socket, from.drains.begun());
    }
    return true;
  }

  private static void open(ConnectionManager to, Handler handler, long socket, int drains) {
    // A drain that goes on ends it in order. One that is over would never, and its caller was told that nothing is left.
    boolean tooLate = to.drains.begun() != drains && !to.drains.goOn();
    long handle = tooLate ? -1 : to.adopt(socket);
    if (handle >= 0) {
      to.opened(handler, handle);
      return;
    }
    // Or the system refuses it. The peer is not left waiting.
    to.sockets.setOption(socket, SocketOption.RESET_ON_CLOSE, 1);
    to.sockets.closeSocket(socket);
    to.budget.giveBack();
    to.counters.increment(Counter.ACCEPT_FAILURES);
  }
}
