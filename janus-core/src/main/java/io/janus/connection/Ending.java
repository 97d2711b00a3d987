package io.janus.connection;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.limit.Counter;

/** The ways in which a connection comes to its end, as far as its state and its failure go; the steps are {@link Settlement}'s. */
final class Ending {
  private static final int SECONDS_BETWEEN_PAUSES = 5;

  private final ConnectionManager manager;

  /** Of connections that end for want of what the system has too little of. */
  private final Complaint wants;

  /** Of listeners that rest, which they may do again and again for as long as the reason lasts. */
  private final Complaint pauses;

  Ending(ConnectionManager manager) {
    this.manager = manager;
    this.wants = new Complaint(manager.loop, 1);
    this.pauses = new Complaint(manager.loop, SECONDS_BETWEEN_PAUSES);
  }

  /** The manager has ended, and all connections with it. */
  void ended() {
    wants.tellRest();
    pauses.tellRest();
  }

  /** The connection cannot go on. After our own close an error means "closed", unless bytes are lost by it. */
  void fail(Connection connection, int error) {
    boolean bytesAreLost =
        connection.state() == ConnectionState.FINISHING && connection.outbound != null;
    if (connection.state() < ConnectionState.FINISHING || bytesAreLost) {
      connection.errorCode = error;
      tellWant(error);
    }
    if (!connection.has(ConnectionState.OUTPUT_SHUT) && error != ErrorCode.CONNECTION_RESET) {
      // A FIN would tell the peer that all bytes have come; a reset says that the stream was cut. After a reset nobody is told.
      connection.set(ConnectionState.RESET);
    }
    cut(connection);
  }

  /** Neither the peer nor the application can help it; whoever runs the program can, and would else never know. */
  void tellWant(int error) {
    OsError reason = OsError.of(error);
    if (reason.kind() == ErrorKind.OUT_OF_MEMORY
        || reason.kind() == ErrorKind.OUT_OF_DESCRIPTORS) {
      manager.counters.increment(Counter.SYSTEM_WANTS);
      wants.tell("a connection failed, " + reason.kind() + ": " + reason, null);
    }
  }

  /** A listener accepts nobody for a while. */
  void tellPause(String why) {
    pauses.tell("accepting pauses: " + why, null);
  }

  void close(Connection connection) {
    if (connection.state() == ConnectionState.OPENING && connection.outbound != null) {
      // What was sent goes out when the connect has ended, and the end behind it.
      connection.set(ConnectionState.CLOSE_ASKED);
    } else if (connection.state() == ConnectionState.OPENING) {
      cut(connection);
    } else if (connection.state() == ConnectionState.OPEN) {
      connection.state(ConnectionState.FINISHING);
      connection.clear(ConnectionState.PAUSED);
      if (connection.has(ConnectionState.HELD_FAILURE)) {
        // It was to be told at the end of the pause, and after our close it counts as any other.
        int held = connection.errorCode;
        connection.errorCode = 0;
        fail(connection, held);
        return;
      }
      // The linger deadline counts from here if the FIN is out already, else from the FIN.
      connection.activeAt = manager.loop.now();
      if (!connection.has(ConnectionState.PEER_FINISHED) || connection.outbound != null
          || connection.has(ConnectionState.PINNED)) {
        manager.times.watch(connection);
      }
      manager.unsettle(connection);
    }
  }

  void abort(Connection connection) {
    boolean untold = connection.errorCode == 0 || isHeld(connection);
    if (connection.state() < ConnectionState.CANCELLING && untold) {
      connection.errorCode = ErrorCode.CONNECTION_ABORTED;
      connection.set(ConnectionState.ENDED_HERE);
    }
    connection.set(ConnectionState.RESET);
    cut(connection);
  }

  /** The time of a drain is over. */
  void cutOff(Connection connection) {
    connection.errorCode = ErrorCode.TIMED_OUT;
    connection.clear(ConnectionState.HELD_FAILURE);
    if (connection.state() == ConnectionState.FINISHING
        && connection.has(ConnectionState.OUTPUT_SHUT)
        && connection.outbound == null
        && !connection.has(ConnectionState.PINNED)) {
      // All bytes and the FIN are out. A reset now could destroy what the peer has not read yet.
      cut(connection);
    } else {
      abort(connection);
    }
  }

  /** True while what a receive has failed by waits for the end of a pause: nobody was told, and the connection is open. */
  static boolean isHeld(Connection connection) {
    return connection.state() == ConnectionState.OPEN
        && connection.has(ConnectionState.HELD_FAILURE);
  }

  void cut(Connection connection) {
    if (connection.state() < ConnectionState.CANCELLING) {
      connection.state(ConnectionState.CANCELLING);
      manager.unsettle(connection);
    }
  }
}
