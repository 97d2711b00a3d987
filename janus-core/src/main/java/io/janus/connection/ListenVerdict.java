package io.janus.connection;

/**
 * Whether several loops listen together. Each loop takes its socket at once and accepts only when all of them have theirs; a
 * refusal has those that took one close it again. So nobody waits for anybody, and a loop that is busy learns it when it comes.
 */
public final class ListenVerdict {
  private enum State {
    OPEN,
    GRANTED,
    REFUSED
  }

  private volatile State state = State.OPEN;

  /** For a loop that listens by itself. */
  static ListenVerdict granted() {
    ListenVerdict alone = new ListenVerdict();
    alone.grant();
    return alone;
  }

  /** All loops have their socket: accept. */
  public void grant() {
    state = State.GRANTED;
  }

  /** Some loop could not be reached: close the socket. */
  public void refuse() {
    state = State.REFUSED;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isRefused() {
    return state == State.REFUSED;
  }
}
