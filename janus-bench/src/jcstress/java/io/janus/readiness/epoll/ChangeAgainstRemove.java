package io.janus.readiness.epoll;

import io.janus.readiness.Trigger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Another thread changes a registration while its owner removes it and gives the descriptor to a stranger. The first result is
 * whose descriptor the change found, the second whether the registration lives on.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the change came too late")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the change came in time")
@Outcome(expect = Expect.FORBIDDEN,
    desc = "the change touched a stranger, or the removal was undone")
@State
public class ChangeAgainstRemove {
  private static final int OURS = 1;
  private static final int STRANGERS = 2;

  private final EpollRegistration registration = new EpollRegistration(3);
  private final long id;
  private int descriptor = OURS;

  /** Registers. */
  public ChangeAgainstRemove() {
    registration.begin(7, 1, Trigger.LEVEL, 42);
    id = registration.id();
  }

  /** Another thread. */
  @Actor
  public void change(II_Result result) {
    if (registration.beginChange(id)) {
      result.r1 = descriptor;
      registration.endChange();
    }
  }

  /** The owner. */
  @Actor
  public void remove(II_Result result) {
    if (registration.end(id)) {
      descriptor = STRANGERS;
    }
    result.r2 = registration.is(id) ? 1 : 0;
  }
}
