package io.janus.connection;

import java.util.ArrayDeque;

/** Connections for whose step the port's table had no room; each is here once, and takes its step again when there may be some. */
final class RefusedSteps {
  private final ConnectionManager manager;
  private final ArrayDeque<Connection> refused = new ArrayDeque<>();

  RefusedSteps(ConnectionManager manager) {
    this.manager = manager;
  }

  boolean isEmpty() {
    return refused.isEmpty();
  }

  void add(Connection connection) {
    if (!connection.has(ConnectionState.REFUSED)) {
      connection.set(ConnectionState.REFUSED);
      refused.add(connection);
    }
  }

  /** Never all at once, or a loop of thousands would do nothing else. */
  void tryAgain() {
    for (int left = Math.min(refused.size(), Settlement.STEPS_PER_TURN); left > 0; left--) {
      Connection connection = refused.remove();
      connection.clear(ConnectionState.REFUSED);
      manager.unsettle(connection);
    }
  }
}
