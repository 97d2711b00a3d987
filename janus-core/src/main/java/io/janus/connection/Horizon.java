package io.janus.connection;

/**
 * Up to which moment the loop knows all that has happened. A loop that was held up, by a callback, a collection of garbage or a stop of the
 * process, finds its deadlines due before it has heard of the bytes that came in time; so nobody is called silent by the clock alone. The
 * horizon costs nothing while nothing is due, and moves when it is wanted: as soon as the kernel has nothing more to tell, or, on a
 * loop that is never done, when it has told so much that all who had something to say have had their turn.
 */
final class Horizon {
  /** A single empty await may have been ended by a wake that took the only place of a batch, or have only tried what was submitted. */
  private static final int EMPTY_AWAITS = 2;

  /** Events that one connection may have before those of another are told: what one receive that repeats brings at a time, and a send. */
  private static final int EVENTS_EACH = 8;

  private long upTo;
  private boolean wanted;
  private long wantedAt;
  private int empty;
  private long told;

  Horizon(long now) {
    upTo = now;
  }

  /** What happened before is known, and the handlers have heard of it. */
  long upTo() {
    return upTo;
  }

  /** No await sleeps from now on until all is known that happened before this turn. */
  void want(long now) {
    if (!wanted) {
      wanted = true;
      wantedAt = now;
      empty = 0;
      told = 0;
    }
  }

  boolean isWanted() {
    return wanted;
  }

  /**
   * An await has ended.
   *
   * @param complete if everything that can be heard of was being listened to
   * @param talkers how many may have something to say
   */
  void awaited(int events, boolean complete, long talkers) {
    if (!wanted) {
      return;
    }
    empty = events == 0 && complete ? empty + 1 : 0;
    // A turn that brings nothing and is not complete counts too, or a table that is full for good would keep the loop awake.
    told += Math.max(1, events);
    if (empty == EMPTY_AWAITS || told > EVENTS_EACH * talkers) {
      upTo = wantedAt;
      wanted = false;
    }
  }
}
