package io.janus.connection;

import io.janus.limit.Counter;
import io.janus.socket.SocketOption;
import java.util.List;
import java.util.Objects;
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
    this.managers = List.copyOf(Objects.requireNonNull(managers, "managers"));
    this.drainsBefore =
        this.managers.stream().mapToInt(manager -> manager.drains.begun()).toArray();
  }

  /**
   * The accepting loop's thread: opens the connection on the loop whose turn it is, or on the next one that has room.
   *
   * @return false if none has room for it; then it is the caller's as before, and counted nowhere
   */
  boolean open(ConnectionManager from, Handler handler, long handle) {
    // A listener that lives after a drain which began while it was made cannot know whom that drain has passed already.
    if (managers.size() < 2 || from.drains.begun() != drainsBefore[0]) {
      return from.budget.take() && openedHere(from, handler, handle);
    }
    for (int i = 0; i < managers.size(); i++) {
      int turn = (next + i) % managers.size();
      ConnectionManager to = managers.get(turn);
      // The room of one loop says nothing of the others'; only that of the engine is everybody's.
      if (!to.loop.hasEnded() && to.budget.take()) {
        next = (turn + 1) % managers.size();
        return to == from ? openedHere(from, handler, handle) : give(from, turn, handler, handle);
      }
    }
    return false;
  }

  private static boolean openedHere(ConnectionManager here, Handler handler, long handle) {
    here.opened(handler, handle);
    return true;
  }

  private boolean give(ConnectionManager from, int turn, Handler handler, long handle) {
    ConnectionManager to = managers.get(turn);
    long socket = from.disown(handle);
    if (socket < 0) {
      // It must stay, if there is room.
      if (!to.budget.moveTo(from.budget)) {
        to.budget.giveBack();
        return false;
      }
      return openedHere(from, handler, handle);
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
    if (!tooLate) {
      to.ending.tellWant((int) handle);
    }
    // The peer is not left waiting.
    to.sockets.setOption(socket, SocketOption.RESET_ON_CLOSE, 1);
    to.sockets.closeSocket(socket);
    to.budget.giveBack();
    to.counters.increment(Counter.ACCEPT_FAILURES);
  }
}
