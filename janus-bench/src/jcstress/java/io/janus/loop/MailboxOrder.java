package io.janus.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two producers and the loop: both tasks run, each once, and the loop sees all that its producer wrote before. */
@JCStressTest
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "both ran, nothing was missing")
@State
public class MailboxOrder {
  private final Mailbox mailbox = new Mailbox(16);
  private int first;
  private int second;
  private int ran;
  private int missing;

  /** One producer. */
  @Actor
  public void one() {
    first = 1;
    mailbox.offer(() -> missing += 1 - first);
  }

  /** Another. */
  @Actor
  public void two() {
    second = 1;
    mailbox.offer(() -> missing += 1 - second);
  }

  /** The loop. */
  @Actor
  public void loop() {
    drain();
  }

  /** What the loop finds at last. */
  @Arbiter
  public void end(II_Result result) {
    drain();
    result.r1 = ran;
    result.r2 = missing;
  }

  private void drain() {
    for (Runnable task = mailbox.poll(); task != null; task = mailbox.poll()) {
      task.run();
      ran++;
    }
  }
}
