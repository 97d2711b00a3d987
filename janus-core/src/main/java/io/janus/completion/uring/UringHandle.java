package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.completion.Handle;

/** What the ring's port knows of one socket: where the kernel finds it and what is in flight in each direction. */
final class UringHandle extends Handle {
  /** The error of who sends after an end: what came before that end has come in order. */
  private static final int BROKEN_PIPE = -32;

  /** A descriptor of the process, or an index of the ring's own table. */
  int fd;

  boolean direct;

  /** The slot of the accept or receive in flight, or none. */
  int taking;

  /** The slot of the connect or send in flight, or none. */
  int giving;

  /** The slot of the shutdown that waits for the connect or send in flight, or none. */
  int shutting;

  /** The accept or receive in flight was submitted to complete again and again. */
  boolean repeats;

  /** The last receive left bytes in the socket. */
  boolean holdsMore;

  /** The accept in flight wants the peer's address. */
  boolean withPeer;

  /** The send in flight was not copied into the kernel, so it ends twice: by its result, and when the kernel lets the bytes go. */
  boolean uncopied;

  /** The result of the uncopied send in flight has come. */
  boolean lingers;

  /** That result. */
  int sent;

  /** The send in flight is on its second way, copied. */
  boolean copiesOnce;

  /** Every send is copied, because the socket knows no other. */
  boolean copiesAll;

  /** Its close was submitted: the descriptor may be a stranger's at any moment, so only the completion of the close finds it. */
  boolean closing;

  /** The operations in flight that were asked to end, by slot; they are asked once. */
  private int takingCancelled;

  private int givingCancelled;

  UringHandle(int slot) {
    super(slot);
  }

  /** True if the result of the uncopied send in flight says that the connection was cut, by which what it received ends as well. */
  boolean hasMetAnError() {
    return lingers && sent < 0 && sent != BROKEN_PIPE && !UringSubmitter.isOfUncopied(sent);
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
    uncopied = false;
    lingers = false;
    copiesOnce = false;
  }

  /** The result of the uncopied send has come, and the kernel still holds its bytes. */
  void linger(int result) {
    lingers = true;
    sent = result;
  }

  void begin(int newFd, boolean isDirect) {
    fd = newFd;
    direct = isDirect;
    taking = NONE;
    giving = NONE;
    takingCancelled = NONE;
    givingCancelled = NONE;
    shutting = NONE;
    repeats = false;
    holdsMore = false;
    withPeer = false;
    uncopied = false;
    lingers = false;
    copiesOnce = false;
    copiesAll = false;
    closing = false;
  }
}
