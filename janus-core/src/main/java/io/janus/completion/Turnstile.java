package io.janus.completion;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Lets one worker at a time handle the events of one direction of one connection, without a lock: one atomic int. Whoever
 * comes while somebody is inside leaves his events there and goes; whoever is inside finds them before he leaves. So nobody
 * waits, no event is left behind, and what the last one inside wrote is seen by the next.
 *
 * <p>A connection has two, one for its input and one for its output, so both sides of it can be handled at the same time.
 *
 * {@snippet :
 * if (input.enter(RECEIVED)) {
 *   do {
 *     handle(input.take());
 *   } while (!input.leave());
 * }
 * }
 *
 * <p><b>Order.</b> The events of a turnstile are bits, so an event may come again only after it was taken. For a receive this
 * holds by itself if the next one is submitted by whoever is inside: then at most one further completion can be on its way.
 *
 * <p><b>Threads.</b> {@link #enter} is for any thread; {@link #take} and {@link #leave} for the one inside. It does not belong to
 * a thread but to a visit, so a handler may not call {@link #enter} and expect to be let in again.
 *
 * <p><b>Errors.</b> Whoever throws out of its visit without {@link #leave} closes the turnstile for good.
 */
public final class Turnstile {
  /** The bit that says: somebody is inside. */
  private static final int BUSY = Integer.MIN_VALUE;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Turnstile.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private int state;

  /**
   * Any thread: brings events. What the caller wrote before is seen by whoever handles them.
   *
   * @param events one or more of the lower 31 bits
   * @return true if the caller is inside now and must handle events until {@link #leave} says true; false if somebody else is,
   *     who will find them
   * @throws IllegalArgumentException without an event, or with the sign bit
   */
  public boolean enter(int events) {
    if (events <= 0) {
      throw new IllegalArgumentException("events " + events + " are not of the lower 31 bits");
    }
    return ((int) STATE.getAndBitwiseOr(this, events | BUSY) & BUSY) == 0;
  }

  /** The one inside: the events that were brought since the last call, taken away; 0 if there are none. */
  public int take() {
    return (int) STATE.getAndBitwiseAnd(this, BUSY) & ~BUSY;
  }

  /** The one inside: true if it is outside now; false if there are new events, and then it is still inside and takes them. */
  public boolean leave() {
    return STATE.compareAndSet(this, BUSY, 0);
  }

  /** True if somebody is inside, or was a moment ago: for counting and for people, not for decisions. */
  public boolean isBusy() {
    return ((int) STATE.getOpaque(this) & BUSY) != 0;
  }
}
