package io.janus;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.loop.EventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop that has not ended in time is told with what is known of it: a callback that holds it, or that it closes. */
@Timeout(30)
class UnendedLoopTest {
  private static final String START = "loop held has not ended within 10 s: ";

  private final EventLoop loop =
      new EventLoop("held", Limits.defaults(), Clock.SYSTEM, (sentence, cause) -> {});
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<String> told = new ArrayList<>();
  private final List<Throwable> pictures = new ArrayList<>();
  private volatile Runnable atClose = () -> {};

  @BeforeEach
  void start() throws Exception {
    loop.start(made -> new Source());
  }

  @AfterEach
  void end() throws Exception {
    over.countDown();
    loop.stop();
    assertThat(loop.join(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void callbackIsToldWithItsStack() throws Exception {
    loop.execute(this::waitHere);
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    loop.stop();
    tell(7);
    assertThat(told)
        .containsExactly(START + "a callback or a task holds it, which the stack shows");
    assertThat(pictures.getFirst().getStackTrace()).anyMatch(
        frame -> frame.getMethodName().equals("waitHere"));
  }

  @Test
  void closeThatTakesItsTimeBlamesNoCallback() throws Exception {
    atClose = () -> {
      begun.countDown();
      while (over.getCount() > 0) {
        Thread.onSpinWait();
      }
    };
    loop.stop();
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    tell(123_456);
    tell(1);
    assertThat(told).containsExactly(
        START + "it is still closing, 123,456 connections of the engine are not closed yet",
        START + "it is still closing, 1 connection of the engine is not closed yet");
    assertThat(pictures).containsOnlyNulls();
  }

  @Test
  void callbackThatWaitsWhileTheLoopClosesIsToldWithItsStack() throws Exception {
    atClose = this::waitHere;
    loop.stop();
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    while (loop.isRunning()) {
      Thread.onSpinWait();
    }
    tell(2);
    assertThat(told).containsExactly(
        START
            + "it waits while it closes, as the stack shows, 2 connections of the engine are not closed yet");
    assertThat(pictures.getFirst().getStackTrace()).anyMatch(
        frame -> frame.getMethodName().equals("waitHere"));
  }

  private void tell(int connections) {
    EngineLoops.tellUnended(
        loop, connections, (sentence, cause) -> {
          told.add(sentence);
          pictures.add(cause);
        });
  }

  private void waitHere() {
    begun.countDown();
    try {
      over.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits for a wake and brings no event. */
  private final class Source implements EventSource {
    private final Thread waiter = Thread.currentThread();

    @Override
    public void prepare() {}

    @Override
    public int await(long timeoutNanos) {
      LockSupport.parkNanos(timeoutNanos < 0 ? TimeUnit.MILLISECONDS.toNanos(20) : timeoutNanos);
      return 0;
    }

    @Override
    public void dispatch() {}

    @Override
    public void wake() {
      LockSupport.unpark(waiter);
    }

    @Override
    public void close() {
      atClose.run();
    }
  }
}
