package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.completion.Handle;

/** What the ring's port knows of one socket: where the kernel finds it and what is in flight in each direction. */
final class UringHandle extends Handle {
  /** A descriptor of the process, or an index of the ring's own table. */
  int fd;

  boolean direct;

  /** The slot of the accept or receive in flight, or none. */
  int taking;

  /** The slot of the connect or send in flight, or none. */
  int giving;

  /** The accept or receive in flight was submitted to complete again and again. */
  boolean repeats;

  /** The repeated receive in flight has a bound of bytes, which old kernels refuse. */
  boolean bounded;

  /** The last receive left bytes in the socket. */
  boolean holdsMore;

  /** The accept in flight wants the peer's address. */
  boolean withPeer;

  /** Its close was submitted: the descriptor may be a stranger's at any moment, so only the completion of the close finds it. */
  boolean closing;

  /** The operations in flight that were asked to end, by slot; they are asked once. */
  private int takingCancelled;

  private int givingCancelled;

  UringHandle(int slot) {
    super(slot);
  }

  /** True if the operation of a slot had not been asked to end; from now on it has. */
  boolean firstCancel(int operation) {
    if (operation == taking && operation != takingCancelled) {
      takingCancelled = operation;
      return true;
    }
    if (operation == giving && operation != givingCancelled) {
      givingCancelled = operation;
      return true;
    }
    return false;
  }

  /** True if the operation of a slot has been asked to end. */
  boolean isCancelled(int operation) {
    return operation == takingCancelled || operation == givingCancelled;
  }

  void took() {
    taking = NONE;
    takingCancelled = NONE;
    inFlight--;
  }

  void gave() {
    giving = NONE;
    givingCancelled = NONE;
  }

  void begin(int newFd, boolean isDirect) {
    fd = newFd;
    direct = isDirect;
    taking = NONE;
    giving = NONE;
    takingCancelled = NONE;
    givingCancelled = NONE;
    repeats = false;
    bounded = false;
    holdsMore = false;
    withPeer = false;
    closing = false;
  }
}
