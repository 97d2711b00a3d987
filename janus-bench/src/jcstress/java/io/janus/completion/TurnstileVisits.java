package io.janus.completion;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two workers bring an event each. Both events are handled, by one of the two or each by its own, and what the one inside writes
 * without any atomic (the third number, bytes handled) is never lost.
 */
@JCStressTest
@Outcome(id = "3, 0, 30", expect = Expect.ACCEPTABLE, desc = "the first handled both")
@Outcome(id = "0, 3, 30", expect = Expect.ACCEPTABLE, desc = "the second handled both")
@Outcome(id = "1, 2, 30", expect = Expect.ACCEPTABLE,
    desc = "each handled its own, one after the other")
@Outcome(expect = Expect.FORBIDDEN,
    desc = "an event lost, handled twice, or handled by two at once")
@State
public class TurnstileVisits {
  private final Turnstile turnstile = new Turnstile();

  /** What came with each event; written before it is brought. */
  private int first;

  private int second;

  /** Written by whoever is inside. */
  private int handled;

  /** A worker. */
  @Actor
  public void one(III_Result result) {
    first = 10;
    result.r1 = visit(1);
  }

  /** Another worker. */
  @Actor
  public void other(III_Result result) {
    second = 20;
    result.r2 = visit(2);
  }

  /** When both are gone. */
  @Arbiter
  public void sum(III_Result result) {
    result.r3 = handled;
  }

  private int visit(int event) {
    int taken = 0;
    if (turnstile.enter(event)) {
      do {
        int events = turnstile.take();
        handled += ((events & 1) != 0 ? first : 0) + ((events & 2) != 0 ? second : 0);
        taken += events;
      } while (!turnstile.leave());
    }
    return taken;
  }
}
