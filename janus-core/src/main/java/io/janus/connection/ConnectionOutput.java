package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.limit.Counter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way out of a loop's connections: takes what applications send, keeps it within the bound, and hands it to the model when
 * the callback that sent it has returned, as one.
 */
final class ConnectionOutput {
  /**
   * Pinned memory for each byte of the outbound bound. A peer acknowledges late, on a loopback not before it has two segments of 64 KiB, so
   * a bound as small as that of the queue would make each fill of it wait for the peer's timer.
   */
  private static final int PINNED_BOUNDS = 8;

  private final ConnectionManager manager;
  private final int bound;

  /** How many bytes of the pool one connection may have pinned before its next send waits. */
  private final long pinnedBound;

  /**
   * Parts of the loop's pool and of its operations that may be pinned before each connection must make do with one send at a time, so that
   * peers who are slow leave enough to the others.
   */
  private static final int PINNED_SHARE = 4;

  /** Sends of all connections that are pinned, and their memory. */
  private int pinnedSends;

  private long pinnedBytes;

  /** More than send at a time where all goes well, and a few hundred KiB; what once was needed at a peak is not kept for good. */
  private static final int MOST_SPARE = 1024;

  /** Emptied queues for the next connection that sends: an idle connection has none. */
  private final ArrayDeque<Outbound> spare = new ArrayDeque<>();

  ConnectionOutput(ConnectionManager manager) {
    this.manager = manager;
    this.bound = manager.limits.outboundBytes();
    this.pinnedBound = (long) PINNED_BOUNDS * bound;
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
    if (connection.state() > ConnectionState.OPEN
        || connection.has(ConnectionState.CLOSE_ASKED)) {
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

  /** What a full queue does to the connection's own reading; also to that of one whose queue is full already. */
  void pauseReadingWhenFull(Connection connection, boolean pause) {
    if (pause) {
      connection.clear(ConnectionState.KEEPS_READING);
      if (connection.has(ConnectionState.OUTBOUND_FULL)) {
        manager.pause(connection, ConnectionState.PAUSED_OUTBOUND);
      }
    } else {
      connection.set(ConnectionState.KEEPS_READING);
      if (connection.has(ConnectionState.PAUSED_OUTBOUND)) {
        manager.resume(connection, ConnectionState.PAUSED_OUTBOUND);
      }
    }
  }

  private void keep(Outbound queue) {
    if (spare.size() < MOST_SPARE) {
      spare.push(queue);
    }
  }

  /** The kernel took bytes; the segments' indexes have moved. */
  void sent(Connection connection, int bytes) {
    Outbound queue = connection.outbound;
    if (queue != null) {
      queue.sent(bytes);
      account(connection, queue, bytes);
    }
  }

  /** The socket took bytes of the send in flight, and the kernel keeps their memory; the segments' indexes have moved. */
  void sentPinned(Connection connection, int bytes) {
    Outbound queue = connection.outbound;
    if (queue == null) {
      return;
    }
    PinnedSends pinned = connection.pinned;
    if (pinned == null) {
      pinned = new PinnedSends();
      pinned.progress.begin(manager.loop.now());
      connection.pinned = pinned;
      connection.set(ConnectionState.PINNED);
    }
    PinnedSends.Send send = pinned.newest(connection.writing);
    if (send == null) {
      send = pinned.begin(connection.writing, queue.first());
      pinnedSends++;
    }
    long before = pinned.bytes();
    queue.sentPinned(bytes, pinned, send);
    pinnedBytes += pinned.bytes() - before;
    if (queue.hasLanded()) {
      connection.clear(ConnectionState.SEND_BUSY);
    }
    account(connection, queue, bytes);
  }

  /**
   * The buffers of a send came back from the port, of which the first names it.
   *
   * @return true if the send in flight has ended by that; false if all its bytes were sent before
   */
  boolean letGo(Connection connection, @Nullable Buffer first) {
    PinnedSends pinned = connection.pinned;
    PinnedSends.Send send = pinned == null ? null : pinned.remove(first);
    if (pinned == null || send == null) {
      return true;
    }
    long before = pinned.bytes();
    pinned.release(send);
    pinnedBytes -= before - pinned.bytes();
    pinnedSends--;
    if (connection.outbound != null) {
      connection.outbound.progress.made(manager.loop.now());
    }
    if (pinned.isEmpty()) {
      connection.pinned = null;
      connection.clear(ConnectionState.PINNED);
    }
    return connection.has(ConnectionState.SEND_BUSY) && connection.writing == send.operation;
  }

  private void account(Connection connection, Outbound queue, int bytes) {
    manager.counters.add(Counter.BYTES_SENT, bytes);
    if (bytes > 0) {
      queue.progress.made(manager.loop.now());
    }
    connection.activeAt = manager.loop.now();
    if (queue.isEmpty()) {
      connection.outbound = null;
      keep(queue);
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
    PinnedSends pinned = connection.pinned;
    if (connection.outbound != null && pinned != null && isBoundReached(pinned)) {
      // Goes on when the kernel has let something go; until then nothing of what waits is taken, and the write deadline sees that.
      manager.times.watch(connection);
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

  private boolean isBoundReached(PinnedSends pinned) {
    return pinned.bytes() >= pinnedBound
        || pinnedSends >= manager.limits.operations() / PINNED_SHARE
        || pinnedBytes >= manager.limits.poolBytes() / PINNED_SHARE;
  }

  /** Gives everything unsent back to the pool; nothing may be in flight. */
  void drop(Connection connection) {
    Outbound queue = connection.outbound;
    if (queue != null) {
      queue.releaseAll();
      connection.outbound = null;
      keep(queue);
    }
  }
}
