package io.janus.completion.iocp;

import static io.janus.completion.OperationTable.NONE;

import io.janus.completion.Handle;
import io.janus.completion.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What the port knows of one socket, and where its two directions are. A direction is free, or its operation is the system's (a packet
 * will come), or its result is known and waits for an await.
 */
final class IocpHandle extends Handle {
  /** How the receive in flight was given to the system. */
  enum Form {
    /** Without a buffer: it ends when bytes exist, and takes none. */
    EMPTY,
    /** With a buffer of the pool. */
    POOLED,
    /** With the caller's buffer. */
    OWN
  }

  long socket;

  /** The socket has been given to the port of the system, which is for its life. */
  boolean associated;

  /** It has been decided whether the socket {@link #skips}. */
  boolean moded;

  /** A success known at once queues no packet. */
  boolean skips;

  /** Whether it may skip was found out, on this socket or on its listener, and what was found. */
  boolean plainKnown;

  boolean plain;

  /** The slot of the accept or receive that was not yet handed out, or none. */
  int taking;

  /** The slot of the connect or send that was not yet handed out, or none. */
  int giving;

  /** The slot of the shutdown that waits for the connect or send in flight, or none. */
  int shutting;

  /** The receive is the system's. */
  boolean takingPends;

  /** The connect or send is the system's. */
  boolean givingPends;

  /**
   * The caller has wished the receive to end, also where the answer was false because its result is known: bytes may have been
   * announced that are not there when they are fetched, and then it does not start again.
   */
  boolean takingWished;

  /** The caller has wished the connect or send to end while it was the system's. */
  boolean givingWished;

  /** Of the receive that is the system's. */
  Form form = Form.EMPTY;

  /** The port itself has asked the receive to end, because its buffer has waited for too long. */
  boolean withdrawn;

  /** The cell with the memory of the connect in flight, or none. */
  int connectCell;

  /** Made at the first accept. */
  @Nullable AcceptSockets accepts;

  /** When bytes last came, and whether they came soon after those before. */
  long bytesAt;

  boolean busy;

  /** In the queue of receives with a buffer of the pool: when it was given to the system, and the neighbours. */
  long pooledAt;

  @Nullable IocpHandle older;
  @Nullable IocpHandle newer;

  IocpHandle(int slot) {
    super(slot);
  }

  void begin(long newSocket, long lastBytesAt) {
    socket = newSocket;
    associated = false;
    moded = false;
    skips = false;
    plainKnown = false;
    plain = false;
    taking = NONE;
    giving = NONE;
    shutting = NONE;
    takingPends = false;
    givingPends = false;
    takingWished = false;
    givingWished = false;
    withdrawn = false;
    connectCell = OverlappedSlab.NONE;
    accepts = null;
    bytesAt = lastBytesAt;
    busy = false;
  }

  void submitted(int slot, Operation kind) {
    inFlight++;
    if (kind == Operation.RECEIVE || kind == Operation.ACCEPT) {
      taking = slot;
      takingWished = false;
      withdrawn = false;
    } else if (kind == Operation.SEND || kind == Operation.CONNECT) {
      giving = slot;
      givingWished = false;
    }
  }

  void handedOut(int slot) {
    inFlight--;
    if (slot == taking) {
      taking = NONE;
    } else if (slot == giving) {
      giving = NONE;
    }
  }
}
