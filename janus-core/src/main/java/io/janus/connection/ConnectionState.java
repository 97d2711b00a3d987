package io.janus.connection;

/**
 * The one int of a connection: its state, what is in flight, and why it is not read from. A connection's memory and handle go
 * only when nothing is in flight any more: that is the close-join, {@link Settlement}.
 */
final class ConnectionState {
  /** A client's connection before its connect has ended. */
  static final int OPENING = 0;

  static final int OPEN = 1;

  /** Closed by us: outbound bytes go out, then FIN, then input is thrown away until the peer's FIN or the linger deadline. */
  static final int FINISHING = 2;

  /** What is in flight has been cancelled and must land. */
  static final int CANCELLING = 3;

  /** The handle is being closed. */
  static final int RELEASING = 4;

  static final int CLOSED = 5;

  static final int STATE_MASK = 0x7;

  /** A receive is in flight, or readability is watched. */
  static final int READ_ARMED = 1 << 3;

  /** A send is in flight, or writability is watched. */
  static final int SEND_BUSY = 1 << 4;

  static final int CONNECT_BUSY = 1 << 5;

  /** The FIN is on its way. */
  static final int SHUTDOWN_BUSY = 1 << 6;

  /** Bytes that were sent are in memory of the pool which the kernel has not let go. */
  static final int PINNED = 1 << 17;

  /** What must have landed before the handle may be closed. */
  static final int IN_FLIGHT = READ_ARMED | SEND_BUSY | CONNECT_BUSY | SHUTDOWN_BUSY | PINNED;

  /** A callback of the application is running. */
  static final int HANDLING = 1 << 7;

  /** The peer's FIN was seen and told. */
  static final int PEER_FINISHED = 1 << 8;

  /** FIN is wanted once the outbound queue is empty. */
  static final int SHUTDOWN_ASKED = 1 << 9;

  static final int OUTPUT_SHUT = 1 << 10;

  /** Reasons not to read. */
  static final int PAUSED_APPLICATION = 1 << 11;

  static final int PAUSED_OUTBOUND = 1 << 12;
  static final int PAUSED_NO_BUFFER = 1 << 13;
  static final int PAUSED = PAUSED_APPLICATION | PAUSED_OUTBOUND | PAUSED_NO_BUFFER;

  /** The outbound queue refused or filled up; onDrained is owed. */
  static final int OUTBOUND_FULL = 1 << 14;

  /** The application pauses its producers itself. */
  static final int KEEPS_READING = 1 << 15;

  /** Close by a reset. */
  static final int RESET = 1 << 16;

  /** Waits in the manager's queue for the next settle. */
  static final int UNSETTLED = 1 << 18;

  /** The peer's end came while paused and is told at resume. */
  static final int HELD_END = 1 << 19;

  /** An error of a receive came while paused and is told at resume. */
  static final int HELD_FAILURE = 1 << 20;

  /** The operations in flight have been asked to end. */
  static final int CANCEL_ASKED = 1 << 21;

  /** Counts against the budget of connections. */
  static final int COUNTED = 1 << 22;

  /** What the poller was last asked to watch; the readiness model's own. */
  static final int WATCHED_READ = 1 << 23;

  static final int WATCHED_WRITE = 1 << 24;

  /** The failure is what this side did: an abort, the engine's close, or a callback that threw. */
  static final int ENDED_HERE = 1 << 25;

  /** Beside it: a callback threw. */
  static final int HANDLER_THREW = 1 << 26;

  /** Closed by us before the connect has ended, with bytes that are to go out first. */
  static final int CLOSE_ASKED = 1 << 27;

  /** The port's table was full; waits in the manager's queue for another try. */
  static final int REFUSED = 1 << 28;

  private ConnectionState() {}

  static String word(int bits) {
    return switch (bits & STATE_MASK) {
      case OPENING -> "opening";
      case OPEN -> "open";
      case FINISHING -> "finishing";
      case CANCELLING -> "cancelling";
      case RELEASING -> "releasing";
      default -> "closed";
    };
  }
}
