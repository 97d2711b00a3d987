package io.janus.contract;

import io.janus.loop.EventLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;

/** A loop that is held in a task and takes no other. */
public final class FullMailbox {
  private FullMailbox() {}

  /** Holds the loop in a task until the latch is down, and fills its mailbox to the last place. */
  public static void fill(EventLoop loop, CountDownLatch release) {
    CountDownLatch held = new CountDownLatch(1);
    loop.execute(() -> {
      held.countDown();
      Wait.until("the test lets the loop go", () -> release.getCount() == 0);
    });
    Wait.until("the loop is held", () -> held.getCount() == 0);
    Wait.until("the mailbox is full", () -> !hasRoom(loop));
  }

  /** True if the loop has taken a task that does nothing. */
  public static boolean hasRoom(EventLoop loop) {
    try {
      loop.execute(() -> {});
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }
}
