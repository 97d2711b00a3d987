package io.janus.emulation;

import io.janus.completion.Handle;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;

/** What the emulation knows of one socket: its registration and the operation that waits in each direction. */
final class PollingHandle extends Handle {
  static final int NOT_REGISTERED = 0;

  long socket;

  /** The poller's registration, or {@link #NOT_REGISTERED} until an operation first has to wait. */
  long registration;

  /** What the poller was last asked for; taken back lazily, when an event comes that nobody waits for. */
  byte interest;

  /** The slot of the accept or receive that waits for readiness, or none. */
  int taking;

  /** The slot of the connect or send that waits for readiness, or none. */
  int giving;

  /** An accept or receive was submitted and not yet handed out: a second one is refused, its order would be unknown. */
  boolean takes;

  /** The same for a connect or send. */
  boolean gives;

  /** A connect was told as done. */
  boolean connected;

  /** A read came back short, so another one now would only say would-block; ends with the next event. */
  boolean drained;

  /** The accept that waits wants the peer's address. */
  boolean withPeer;

  /** The accept that waits goes on after each connection. */
  boolean repeats;

  /** The slot of the shutdown that waits for the connect or send to end, or none. */
  int shutting;

  /** The slot of the close that waits for the poller's GONE, or none. */
  int closing;

  PollingHandle(int slot) {
    super(slot);
  }

  void begin(long newSocket) {
    socket = newSocket;
    registration = NOT_REGISTERED;
    interest = 0;
    taking = OperationTable.NONE;
    giving = OperationTable.NONE;
    shutting = OperationTable.NONE;
    closing = OperationTable.NONE;
    takes = false;
    gives = false;
    connected = false;
    drained = false;
    withPeer = false;
    repeats = false;
  }

  void submitted(Operation kind) {
    inFlight++;
    mark(kind, true);
  }

  void handedOut(Operation kind) {
    inFlight--;
    mark(kind, false);
  }

  private void mark(Operation kind, boolean busy) {
    if (kind == Operation.RECEIVE || kind == Operation.ACCEPT) {
      takes = busy;
    } else if (kind == Operation.SEND || kind == Operation.CONNECT) {
      gives = busy;
    }
  }
}
