package io.janus.loop;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A deadline wheel: scheduling and cancelling cost the same however many deadlines there are. The grain is 8.4 ms, and a
 * deadline never expires early. A deadline further away than one round of the wheel stays in its place for more rounds.
 */
public final class Timers {
  private static final int GRAIN_SHIFT = 23;
  private static final int SLOTS = 512;
  private static final int MASK = SLOTS - 1;
  private static final int WORD_BITS = 64;

  private final long origin;
  private final Deadline[] wheel = new Deadline[SLOTS];

  /** One bit for each slot that may hold a deadline. */
  private final long[] occupied = new long[SLOTS / WORD_BITS];

  /** The deadlines of the slot that is being looked at and whose time has come. */
  private final Deadline due = new Anchor();

  private long lastTick;

  /** What deadlines threw in the current look; the others are called all the same. */
  private @Nullable Throwable failure;

  /**
   * @param nowNanos the clock's time; later times must not be earlier than this
   */
  public Timers(long nowNanos) {
    origin = nowNanos;
    for (int i = 0; i < SLOTS; i++) {
      wheel[i] = new Anchor();
    }
  }

  /** Schedules a deadline, or moves it if it is scheduled. Times in the past expire at the next look. */
  public void schedule(Deadline deadline, long atNanos) {
    if (Objects.requireNonNull(deadline, "deadline").isScheduled()) {
      deadline.unlink();
    }
    long grain = (1L << GRAIN_SHIFT) - 1;
    long sinceOrigin = atNanos - origin;
    if (sinceOrigin < 0) {
      // In the past, or so far ahead that the difference does not fit.
      sinceOrigin = atNanos > origin ? Long.MAX_VALUE : 0;
    }
    long tick = (Math.min(sinceOrigin, Long.MAX_VALUE - grain) + grain) >>> GRAIN_SHIFT;
    deadline.tick = Math.max(lastTick + 1, tick);
    int slot = (int) deadline.tick & MASK;
    deadline.linkBefore(wheel[slot]);
    occupied[slot / WORD_BITS] |= 1L << slot;
  }

  /** Takes a deadline out; nothing happens if it is not scheduled. */
  public void cancel(Deadline deadline) {
    if (Objects.requireNonNull(deadline, "deadline").isScheduled()) {
      deadline.unlink();
    }
  }

  /** The time for which a deadline is scheduled, rounded up to the grain. */
  public long timeOf(Deadline deadline) {
    return origin + (Objects.requireNonNull(deadline, "deadline").tick << GRAIN_SHIFT);
  }

  /** Calls every deadline whose time has come, and throws what they threw when all have been called. */
  public void expire(long nowNanos) {
    long nowTick = (nowNanos - origin) >> GRAIN_SHIFT;
    long from = lastTick + 1;
    if (nowTick < from) {
      return;
    }
    lastTick = nowTick;
    long last = Math.min(nowTick, from + SLOTS - 1);
    for (long tick = from; tick <= last; tick++) {
      int slot = (int) tick & MASK;
      if ((occupied[slot / WORD_BITS] & 1L << slot) != 0) {
        expireSlot(slot, nowTick, nowNanos);
      }
    }
    throwFailure();
  }

  /** Nanoseconds until a deadline may expire, 0 if one may have, or −1 if none is scheduled. */
  public long untilNext(long nowNanos) {
    long tick = nextOccupiedTick();
    return tick < 0 ? -1 : Math.max(0, origin + (tick << GRAIN_SHIFT) - nowNanos);
  }

  private void expireSlot(int slot, long nowTick, long nowNanos) {
    occupied[slot / WORD_BITS] &= ~(1L << slot);
    Deadline anchor = wheel[slot];
    Deadline deadline = anchor.next;
    while (deadline != anchor) {
      Deadline following = deadline.next;
      if (deadline.tick <= nowTick) {
        deadline.unlink();
        deadline.linkBefore(due);
      }
      deadline = following;
    }
    if (anchor.next != anchor) {
      occupied[slot / WORD_BITS] |= 1L << slot;
    }
    // One expiry may cancel another: so always the first of what is left.
    while (due.next != due) {
      Deadline first = due.next;
      first.unlink();
      try {
        first.expired(nowNanos);
      } catch (RuntimeException | Error e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
  }

  private void throwFailure() {
    Throwable thrown = failure;
    failure = null;
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /** The tick of the first slot ahead that may hold a deadline; a slot that was emptied by cancels is cleaned on the way. */
  private long nextOccupiedTick() {
    for (int ahead = 1; ahead <= SLOTS; ahead++) {
      long tick = lastTick + ahead;
      int slot = (int) tick & MASK;
      long word = occupied[slot / WORD_BITS] >>> slot;
      if (word == 0) {
        ahead += WORD_BITS - 1 - slot % WORD_BITS;
        continue;
      }
      int skip = Long.numberOfTrailingZeros(word);
      if (skip > 0) {
        ahead += skip - 1;
        continue;
      }
      if (wheel[slot].next != wheel[slot]) {
        return tick;
      }
      occupied[slot / WORD_BITS] &= ~(1L << slot);
    }
    return -1;
  }

  private static final class Anchor extends Deadline {
    @Override
    protected void expired(long nowNanos) {
      throw new AssertionError("the anchor of a list is no deadline");
    }
  }
}
