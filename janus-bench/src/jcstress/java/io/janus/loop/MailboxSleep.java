package io.janus.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A task goes into the mailbox while the loop falls asleep. With the two full fences of {@link Mailbox} replaced by nothing the
 * forbidden outcome shows within seconds.
 */
@JCStressTest
@Outcome(id = "false, true", expect = Expect.FORBIDDEN,
    desc = "nobody wakes a loop that sleeps beside a task")
@Outcome(expect = Expect.ACCEPTABLE,
    desc = "the producer wakes the loop, or the loop stays awake, or both")
@State
public class MailboxSleep {
  private final Mailbox mailbox = new Mailbox(16);

  /** Another thread. */
  @Actor
  public void producer(ZZ_Result result) {
    mailbox.offer(() -> {});
    result.r1 = mailbox.mustWake();
  }

  /** The loop. */
  @Actor
  public void loop(ZZ_Result result) {
    result.r2 = mailbox.poll() == null && mailbox.fallAsleep();
  }
}
