package io.janus.connection;

import java.util.concurrent.TimeUnit;

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

  /**
   * Waits for room in a full table that bring nothing, until all counts as known: what was submitted has had its time to be told, and what was
   * not cannot be told at all.
   */
  private static final int VAIN_WAITS = 64;

  /** Long enough not to burn CPU time, and short enough for deadlines. */
  private static final long ROOM_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private long upTo;
  private boolean wanted;
  private long wantedAt;
  private int empty;
  private long told;
  private boolean looksForRoom;

  Horizon(long now) {
    upTo = now;
  }

  /** What happened before is known, and the handlers have heard of it. */
  long upTo() {
    return upTo;
  }

  /** No await sleeps from now on, but for a moment where a table is full, until all is known that happened before this turn. */
  void want(long now) {
    if (!wanted) {
      wanted = true;
      wantedAt = now;
      empty = 0;
      told = 0;
    }
  }

  /**
   * How long the next await may sleep that else would sleep so long, below zero for ever.
   *
   * @param full if something could not be asked of the model, whose tables are full
   */
  long sleep(long timeout, boolean full) {
    looksForRoom = wanted && full && timeout != 0;
    if (!wanted) {
      return timeout;
    }
    return !full ? 0 : timeout < 0 ? ROOM_LOOK_NANOS : Math.min(timeout, ROOM_LOOK_NANOS);
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
    long all = EVENTS_EACH * talkers;
    told += events == 0 && looksForRoom ? 1 + all / VAIN_WAITS : Math.max(1, events);
    looksForRoom = false;
    if (empty == EMPTY_AWAITS || told > all) {
      upTo = wantedAt;
      wanted = false;
    }
  }
}
