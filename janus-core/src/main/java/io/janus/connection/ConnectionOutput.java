package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.limit.Counter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The way out of a loop's connections: takes what applications send, keeps it within the bound, and hands it to the model when
 * the callback that sent it has returned, as one.
 */
final class ConnectionOutput {
  private final ConnectionManager manager;
  private final int bound;

  /** Emptied queues for the next connection that sends: an idle connection has none. */
  private final ArrayDeque<Outbound> spare = new ArrayDeque<>();

  ConnectionOutput(ConnectionManager manager) {
    this.manager = manager;
    this.bound = manager.limits.outboundBytes();
  }

  /** Takes a buffer; false if the queue is full, and then it is the caller's. */
  boolean send(Connection connection, Buffer buffer) {
    if (isEnding(connection)) {
      Custody.drop(buffer);
      return true;
    }
    if (connection.has(ConnectionState.OUTBOUND_FULL)) {
      return false;
    }
    if (buffer.readable() == 0) {
      // Nothing to send, so nothing for the kernel either: an empty submit would end at once and come back for ever.
      Custody.drop(buffer);
    } else {
      enqueue(connection, buffer);
    }
    return true;
  }

  /** Takes a copy of an array, all of it or nothing. */
  boolean sendCopy(Connection connection, byte[] bytes) {
    if (bytes.length > bound) {
      throw new IllegalArgumentException(
          "sendCopy of "
              + bytes.length
              + " bytes is above the limit outboundBytes of "
              + bound
              + "; send it in parts as onDrained tells, or raise the limit");
    }
    if (isEnding(connection)) {
      return true;
    }
    if (connection.has(ConnectionState.OUTBOUND_FULL)) {
      return false;
    }
    List<Buffer> copies = new ArrayList<>(1 + bytes.length / manager.pool.bufferBytes());
    for (int at = 0; at < bytes.length; at += manager.pool.bufferBytes()) {
      Buffer buffer = manager.pool.acquire();
      if (buffer == null) {
        copies.forEach(Buffer::release);
        return false;
      }
      copies.add(buffer.copyIn(bytes, at, Math.min(manager.pool.bufferBytes(), bytes.length - at)));
    }
    for (Buffer copy : copies) {
      if (!send(connection, copy)) {
        enqueue(connection, copy);
      }
    }
    return true;
  }

  /**
   * True if what is sent goes nowhere: onClosed will tell, and a sender that does not know yet has done nothing wrong. Nothing
   * has been taken when this throws.
   */
  private static boolean isEnding(Connection connection) {
    if (connection.state() > ConnectionState.OPEN) {
      return true;
    }
    if (connection.has(ConnectionState.SHUTDOWN_ASKED)) {
      throw new IllegalStateException("cannot send on " + connection + " after shutdownOutput");
    }
    return false;
  }

  private void enqueue(Connection connection, Buffer buffer) {
    Outbound queue = connection.outbound;
    if (queue == null) {
      queue = spare.isEmpty() ? new Outbound() : spare.pop();
      connection.outbound = queue;
    }
    queue.add(buffer, manager.loop.now());
    boolean full = queue.bytes() >= bound;
    if (!connection.has(ConnectionState.HANDLING) || full) {
      push(connection);
    }
    if (full && connection.outboundBytes() >= bound) {
      connection.set(ConnectionState.OUTBOUND_FULL);
      if (!connection.has(ConnectionState.KEEPS_READING)) {
        manager.pause(connection, ConnectionState.PAUSED_OUTBOUND);
      }
    }
  }

  /** The kernel took bytes; the segments' indexes have moved. */
  void sent(Connection connection, int bytes) {
    Outbound queue = connection.outbound;
    if (queue == null) {
      return;
    }
    manager.counters.add(Counter.BYTES_SENT, bytes);
    connection.activeAt = manager.loop.now();
    queue.sent(bytes);
    if (queue.isEmpty()) {
      connection.outbound = null;
      spare.push(queue);
    }
    if (connection.has(ConnectionState.OUTBOUND_FULL)
        && connection.outboundBytes() <= bound / 2) {
      manager.unsettle(connection);
    } else if (connection.state() == ConnectionState.FINISHING) {
      manager.unsettle(connection);
    }
  }

  void shutdownOutput(Connection connection) {
    connection.set(ConnectionState.SHUTDOWN_ASKED);
    if (!connection.has(ConnectionState.HANDLING)) {
      push(connection);
    }
  }

  /** After a callback: what it sent goes out now, as one. */
  void push(Connection connection) {
    if (connection.has(ConnectionState.SEND_BUSY | ConnectionState.SHUTDOWN_BUSY)
        || connection.state() == ConnectionState.OPENING
        || connection.state() > ConnectionState.FINISHING) {
      return;
    }
    boolean finWanted =
        connection.has(ConnectionState.SHUTDOWN_ASKED)
            && !connection.has(ConnectionState.OUTPUT_SHUT);
    if (connection.outbound != null || finWanted) {
      manager.pushOutbound(connection);
      if (connection.outbound != null) {
        manager.times.watch(connection);
      }
    }
  }

  /** Gives everything unsent back to the pool; nothing may be in flight. */
  void drop(Connection connection) {
    Outbound queue = connection.outbound;
    if (queue != null) {
      queue.releaseAll();
      connection.outbound = null;
      spare.push(queue);
    }
  }
}
