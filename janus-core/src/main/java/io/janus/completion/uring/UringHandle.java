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

  /** The slot of the connect or send in flight, or none; a send that is all sent and only waits to be let go makes way. */
  int giving;

  /** The slot of the shutdown that waits for the connect or send in flight, or none. */
  int shutting;

  /** The accept or receive in flight was submitted to complete again and again. */
  boolean repeats;

  /** The last receive left bytes in the socket. */
  boolean holdsMore;

  /** The last receive brought bytes, so the next one may look before it waits. */
  boolean broughtBytes;

  /** The accept in flight wants the peer's address. */
  boolean withPeer;

  /** The error that an uncopied send has met whose bytes the kernel still holds; 0 if there is none. */
  int sendError;

  /** The socket was disconnected, to make the kernel let go what the peer does not take. */
  boolean isCut;

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

  /** True if the uncopied send in flight has met the end of the connection, by which what it received ends as well. */
  boolean hasMetAnError() {
    return sendError < 0 && sendError != BROKEN_PIPE && !UringUncopiedSends.isOfUncopied(sendError);
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

  /** True if what has ended for the kernel without a result is to be submitted again: nobody wished its end, and the socket is there. */
  boolean goesAgain(int operation) {
    return !isCancelled(operation) && fd >= 0;
  }

  void took() {
    taking = NONE;
    takingCancelled = NONE;
    inFlight--;
  }

  void gave() {
    giving = NONE;
    givingCancelled = NONE;
    sendError = 0;
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
    broughtBytes = false;
    withPeer = false;
    sendError = 0;
    isCut = false;
    copiesAll = false;
    closing = false;
  }
}
