package io.janus.connection;

import io.janus.buffer.Buffer;
import java.util.ArrayDeque;

/**
 * The steps of connections between callbacks: reading on after a pause, the drained call, and the close-join, in which a
 * connection's memory and handle go only when nothing is in flight any more. Steps are queued and taken once per turn, so that
 * no callback ever runs inside another's call.
 */
final class Settlement {
  /** Steps of one turn: the end of thousands of connections at a time must not hold up those that live on. */
  static final int STEPS_PER_TURN = 256;

  private final ConnectionManager manager;
  private final ArrayDeque<Connection> unsettled = new ArrayDeque<>();

  /** Connections whose bytes wait in the socket because the pool was empty. */
  private final ArrayDeque<Connection> starved = new ArrayDeque<>();

  /** No starved connection is tried again before. */
  private long restUntil;

  Settlement(ConnectionManager manager) {
    this.manager = manager;
    this.restUntil = manager.loop.now();
  }

  void add(Connection connection) {
    if (!connection.has(ConnectionState.UNSETTLED)) {
      connection.set(ConnectionState.UNSETTLED);
      unsettled.add(connection);
    }
  }

  void addStarved(Connection connection) {
    if (!connection.has(ConnectionState.PAUSED_NO_BUFFER)) {
      connection.set(ConnectionState.PAUSED_NO_BUFFER);
      starved.add(connection);
      if (poolHasBuffer()) {
        // Then it is the kernel that has no memory, and asking again at once would only burn CPU time.
        restUntil = manager.loop.now() + ConnectionManager.STARVED_LOOK_NANOS;
      }
    }
  }

  boolean isEmpty() {
    return unsettled.isEmpty();
  }

  boolean hasStarved() {
    return !starved.isEmpty();
  }

  /** One step for each connection queued before, up to the bound; what they queue meanwhile is for the next turn, so nobody starves. */
  void settle() {
    if (!starved.isEmpty()) {
      feedStarved();
    }
    for (int left = Math.min(unsettled.size(), STEPS_PER_TURN); left > 0; left--) {
      Connection connection = unsettled.remove();
      connection.clear(ConnectionState.UNSETTLED);
      switch (connection.state()) {
        case ConnectionState.OPEN -> goOn(connection);
        case ConnectionState.FINISHING -> finish(connection);
        case ConnectionState.CANCELLING -> cancel(connection);
        default -> {
          // Opening waits for its connect, releasing for its close.
        }
      }
    }
  }

  private void goOn(Connection connection) {
    if (connection.has(ConnectionState.OUTBOUND_FULL)
        && connection.outboundBytes() <= manager.limits.outboundBytes() / 2) {
      connection.clear(ConnectionState.OUTBOUND_FULL | ConnectionState.PAUSED_OUTBOUND);
      manager.calls.drained(connection);
    }
    manager.output.push(connection);
    if (connection.has(ConnectionState.PEER_FINISHED)
        && connection.has(ConnectionState.OUTPUT_SHUT)
        && connection.outbound == null) {
      // Both directions have ended, so nothing can ever happen on it again.
      manager.close(connection);
      return;
    }
    deliverHeld(connection);
    if (!hears(connection) || connection.held != null) {
      return;
    }
    if (connection.has(ConnectionState.HELD_FAILURE)) {
      manager.fail(connection, connection.errorCode);
    } else if (connection.has(ConnectionState.HELD_END)) {
      connection.clear(ConnectionState.HELD_END);
      manager.peerFinished(connection);
    } else if (readable(connection)
        && !connection.has(ConnectionState.READ_ARMED | ConnectionState.PEER_FINISHED)) {
      manager.armRead(connection);
    }
  }

  /** True if what comes now must wait: for the end of a pause, or behind bytes that wait already. */
  static boolean holdsBack(Connection connection) {
    return connection.state() == ConnectionState.OPEN
        && (connection.has(ConnectionState.PAUSED) || connection.held != null);
  }

  /** Keeps bytes that came after a pause. */
  static void hold(Connection connection, Buffer late) {
    ArrayDeque<Buffer> held = connection.held;
    if (held == null) {
      held = new ArrayDeque<>(4);
      connection.held = held;
    }
    held.add(late);
  }

  private void deliverHeld(Connection connection) {
    ArrayDeque<Buffer> held = connection.held;
    while (held != null && hears(connection)) {
      Buffer late = held.remove();
      if (held.isEmpty()) {
        held = null;
        connection.held = null;
      }
      if (manager.calls.data(connection, late)) {
        late.release();
      }
    }
  }

  /**
   * True if it may be told what has come already. A pool that is empty is no reason to wait with that: the buffer that another one waits
   * for may be among those held here.
   */
  private static boolean hears(Connection connection) {
    return connection.state() == ConnectionState.OPEN
        && !connection.has(ConnectionState.PAUSED & ~ConnectionState.PAUSED_NO_BUFFER);
  }

  static boolean readable(Connection connection) {
    return connection.state() == ConnectionState.OPEN && !connection.has(ConnectionState.PAUSED);
  }

  private void finish(Connection connection) {
    dropHeld(connection);
    manager.output.push(connection);
    boolean unsent = connection.outbound != null || connection.has(ConnectionState.SEND_BUSY);
    if (connection.has(ConnectionState.HELD_END | ConnectionState.PEER_FINISHED)) {
      if (!unsent && !connection.has(ConnectionState.PINNED)) {
        // Both sides are done: close sends the FIN by itself.
        manager.cut(connection);
      } else if (!unsent) {
        // To ask for the memory now would cost the bytes in it; the FIN need not wait, and its deadline bounds the rest.
        shutOutput(connection);
      }
      return;
    }
    if (!unsent) {
      shutOutput(connection);
    }
    // Read also while bytes are unsent: two sides that only send would wait for each other for ever.
    if (connection.state() == ConnectionState.FINISHING
        && !connection.has(ConnectionState.READ_ARMED | ConnectionState.PAUSED_NO_BUFFER)) {
      manager.armRead(connection);
    }
  }

  private void shutOutput(Connection connection) {
    connection.set(ConnectionState.SHUTDOWN_ASKED);
    manager.output.push(connection);
    // The peer's time to end runs from the last byte on, also while the port has no room for the FIN.
    manager.times.watch(connection);
  }

  private void cancel(Connection connection) {
    if (connection.has(ConnectionState.IN_FLIGHT)
        && !connection.has(ConnectionState.CANCEL_ASKED)) {
      connection.set(ConnectionState.CANCEL_ASKED);
      manager.cancelAll(connection);
    }
    if (connection.has(ConnectionState.IN_FLIGHT | ConnectionState.HANDLING)) {
      return;
    }
    dropHeld(connection);
    manager.output.drop(connection);
    connection.state(ConnectionState.RELEASING);
    if (connection.handle == Connection.NO_HANDLE) {
      manager.released(connection);
    } else {
      manager.release(connection);
    }
  }

  private void dropHeld(Connection connection) {
    ArrayDeque<Buffer> held = connection.held;
    if (held != null) {
      connection.held = null;
      held.forEach(Buffer::release);
    }
  }

  private void feedStarved() {
    if (manager.loop.now() - restUntil < 0 || !poolHasBuffer()) {
      return;
    }
    for (int left = starved.size(); left > 0; left--) {
      Connection connection = starved.remove();
      if (connection.state() == ConnectionState.OPEN) {
        // Bytes that wait for us are no silence of the peer.
        connection.activeAt = manager.loop.now();
      }
      manager.resume(connection, ConnectionState.PAUSED_NO_BUFFER);
    }
  }

  private boolean poolHasBuffer() {
    Buffer proof = manager.pool.acquire();
    if (proof == null) {
      return false;
    }
    proof.release();
    return true;
  }
}
