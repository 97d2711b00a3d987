package io.janus.connection;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of one loop, each from its listen until its handle is closed. They are few, and loops by index: a callback may listen or stop
 * listening.
 */
final class Listeners {
  static {
    Provisions.load();
  }

  private final List<Listener> all = new ArrayList<>();

  /** Below zero, where connections are not; none is given twice, as a late event may still come by it. */
  private long lastToken;

  /** Who was last told of a place. */
  private int turn;

  long nextToken() {
    return --lastToken;
  }

  void start(Listener listener, long socket) {
    all.add(listener);
    if (!listener.begin(socket)) {
      all.remove(listener);
    }
  }

  void stop() {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).stop();
    }
  }

  void rest(String reason) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).restFor(reason);
    }
  }

  void endRepeats() {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).endRepeat();
    }
  }

  @Nullable
  Listener find(long token) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).token == token) {
        return all.get(i);
      }
    }
    return null;
  }

  int size() {
    return all.size();
  }

  /** What was refused or given up is closed; if it was a listener's own handle, that is over with its handler. */
  void released(Connection refused) {
    if (refused.attachment() instanceof Listener listener) {
      all.remove(listener);
    }
  }

  /** A connection has ended. Each listener is the first one in its turn, so that no other one takes every place. */
  void roomAgain() {
    for (int left = all.size(); left > 0 && !all.isEmpty(); left--) {
      turn = (turn + 1) % all.size();
      all.get(turn).roomAgain();
    }
    turn++;
  }
}
