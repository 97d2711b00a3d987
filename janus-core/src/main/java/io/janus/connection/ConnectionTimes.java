package io.janus.connection;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.janus.ffi.ErrorCode;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of connections. One timer serves all of a connection's deadlines and is moved only when it runs out: a busy
 * connection costs one store of the time per turn.
 */
final class ConnectionTimes {
  static final long NEVER = Long.MAX_VALUE;

  /**
   * How many times in a write, idle or linger time the system is asked whether the peer takes bytes. The kernel takes bytes of us in steps as large
   * as a third of its send buffer, and a peer who reads slowly needs longer than a write time for one of them.
   */
  private static final int QUESTIONS = 4;

  private final ConnectionManager manager;
  private final long idle;
  private final long write;
  private final long connect;
  private final long linger;

  /** Between two questions about unsent bytes of a connection whose linger time does not run; 0 if no deadline needs them. */
  private final long every;

  /** Whose time is over, for all that is known; looked at again when more is. */
  private Set<Connection> doubtful = new LinkedHashSet<>();

  /** The horizon at the last look at them. */
  private long lookedUpTo;

  ConnectionTimes(ConnectionManager manager) {
    this.manager = manager;
    idle = MILLISECONDS.toNanos(manager.limits.idleMillis());
    write = MILLISECONDS.toNanos(manager.limits.writeMillis());
    connect = MILLISECONDS.toNanos(manager.limits.connectMillis());
    linger = MILLISECONDS.toNanos(manager.limits.lingerMillis());
    every = (idle == 0 || write == 0 ? Math.max(idle, write) : Math.min(idle, write)) / QUESTIONS;
  }

  /** Sees to it that the connection is looked at no later than its next deadline. */
  void watch(Connection connection) {
    long left = untilDue(connection, manager.loop.now());
    if (left == NEVER) {
      return;
    }
    long at = manager.loop.now() + left;
    ConnectionDeadline deadline = connection.deadline;
    if (deadline == null) {
      deadline = new ConnectionDeadline(connection);
      connection.deadline = deadline;
    } else if (connection.lookAt != NEVER && connection.lookAt - at <= 0) {
      return;
    }
    manager.loop.timers().schedule(deadline, at);
    connection.lookAt = manager.loop.timers().timeOf(deadline);
  }

  void forget(Connection connection) {
    if (connection.deadline != null) {
      manager.loop.timers().cancel(connection.deadline);
      connection.lookAt = NEVER;
    }
  }

  void reached(Connection connection, long now) {
    connection.lookAt = NEVER;
    if (connection.has(ConnectionState.PAUSED_NO_BUFFER)
        && connection.state() == ConnectionState.OPEN) {
      // Its bytes have come, and it is we who have no memory for them.
      connection.activeAt = now;
    }
    seeProgress(connection, now);
    if (untilDue(connection, now) > 0) {
      watch(connection);
    } else if (untilDue(connection, manager.horizon.upTo()) > 0) {
      manager.horizon.want(now);
      doubtful.add(connection);
    } else {
      timeIsOver(connection);
    }
  }

  /** Before a turn's steps: all that came in time has been told, so who is late now is late. */
  void lookAgain() {
    // It may be wanted again already, for others: on a loop that is never done it always is.
    if (!doubtful.isEmpty() && manager.horizon.upTo() != lookedUpTo) {
      lookedUpTo = manager.horizon.upTo();
      Set<Connection> again = doubtful;
      doubtful = new LinkedHashSet<>();
      again.forEach(connection -> reached(connection, manager.loop.now()));
    }
  }

  private void timeIsOver(Connection connection) {
    switch (connection.state()) {
      case ConnectionState.OPENING -> manager.fail(connection, ErrorCode.TIMED_OUT);
      case ConnectionState.OPEN -> {
        if (Ending.isHeld(connection)) {
          // What it is told of now is what has ended it first.
          manager.fail(connection, connection.errorCode);
          return;
        }
        boolean stuck = untilWritten(connection, manager.horizon.upTo()) <= 0;
        connection.errorCode = ErrorCode.TIMED_OUT;
        if (stuck) {
          manager.abort(connection);
        } else {
          manager.close(connection);
          watch(connection);
        }
      }
      case ConnectionState.FINISHING -> {
        if (connection.outbound != null || connection.has(ConnectionState.PINNED)) {
          // Bytes are lost: unsent, or in memory that the engine does not leave to a peer who does not take them.
          connection.errorCode = ErrorCode.TIMED_OUT;
          manager.abort(connection);
        } else {
          // All bytes are out, and so is the FIN unless the port had no room for it: then the close sends it. A reset now could destroy
          // what the peer has not read yet.
          manager.cut(connection);
        }
      }
      default -> {
        // The join is under way and waits for nobody.
      }
    }
  }

  private long untilDue(Connection connection, long now) {
    return switch (connection.state()) {
      case ConnectionState.OPENING -> connect == 0 ? NEVER : connection.activeAt + connect - now;
      case ConnectionState.OPEN ->
          Math.min(
              idle == 0 ? NEVER : connection.activeAt + idle - now,
              untilAsked(connection, now));
      case ConnectionState.FINISHING ->
          Math.min(
              lingers(connection) ? connection.activeAt + linger - now : NEVER,
              untilAsked(connection, now));
      default -> NEVER;
    };
  }

  /** True if the linger time runs for a connection that was closed by us, from its last sign of life on. */
  private boolean lingers(Connection connection) {
    return connection.outbound == null || write == 0;
  }

  private long untilWritten(Connection connection, long now) {
    Outbound queue = connection.outbound;
    return queue == null || write == 0 ? NEVER : queue.progress.at() + write - now;
  }

  /** The same, or until the next question if that is sooner. */
  private long untilAsked(Connection connection, long now) {
    Progress progress = progressOf(connection);
    long between = between(connection);
    return progress == null || between == 0
        ? NEVER
        : Math.min(progress.askAt(between) - now, untilWritten(connection, now));
  }

  /** Between two questions about bytes of this connection; 0 if no deadline needs them. */
  private long between(Connection connection) {
    if (connection.state() != ConnectionState.FINISHING || !lingers(connection)) {
      return every;
    }
    long inLinger = Math.max(1, linger / QUESTIONS);
    return every == 0 ? inLinger : Math.min(every, inLinger);
  }

  /**
   * Of the bytes that wait unsent, or else of those that an end in order waits for because the kernel has their memory; null if there are
   * none.
   */
  private static @Nullable Progress progressOf(Connection connection) {
    Outbound queue = connection.outbound;
    if (queue != null) {
      return queue.progress;
    }
    PinnedSends pinned = connection.pinned;
    return pinned == null || connection.state() != ConnectionState.FINISHING
        ? null
        : pinned.progress;
  }

  /** Asks how far the peer's system is with the bytes that the kernel has of us; costs nothing while no deadline runs out. */
  private void seeProgress(Connection connection, long now) {
    Progress progress = progressOf(connection);
    boolean connected =
        connection.state() == ConnectionState.OPEN
            || connection.state() == ConnectionState.FINISHING;
    if (progress != null && connected) {
      Long acknowledged = connection.ask(manager.sockets::acknowledgedBytes);
      if (progress.answered(now, acknowledged == null ? ErrorCode.NOT_SUPPORTED : acknowledged)) {
        connection.activeAt = now;
      }
    }
  }
}
