package io.janus.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Wait;
import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom the watchdog tells of; the time is the test's, so that nothing depends on how fast anything is. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WatchdogTest {
  private static final int LIMIT_MILLIS = 1_000;
  private static final int PROCESSORS = 2;

  private final AtomicLong nanos = new AtomicLong(1);
  private final EventLoop loop = loop("loop under test");
  private final List<String> alarms = new CopyOnWriteArrayList<>();
  private final List<Throwable> stacks = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch released = new CountDownLatch(0);

  @AfterEach
  void endTheLoop() throws Exception {
    released.countDown();
    loop.stop();
    assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void loopThatWaitsInACallbackIsToldAtTheLimitWithItsStack() throws OsException {
    Watchdog watchdog = watching(loop);
    holdTheLoopWaiting();
    pass(LIMIT_MILLIS - 1);
    watchdog.look();
    assertThat(alarms).as("before the limit").isEmpty();
    pass(1);
    watchdog.look();
    assertThat(alarms).singleElement()
        .satisfies(
            alarm -> assertThat(alarm).contains("loop under test", "1000 ms",
                "waits in a callback"));
    assertThat(stacks.getFirst().getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("waitForRelease"));
  }

  @Test
  void oneStretchIsToldOnceAndTheNextOneAgain() throws OsException {
    Watchdog watchdog = watching(loop);
    holdTheLoopWaiting();
    for (int i = 0; i < 5; i++) {
      pass(LIMIT_MILLIS);
      watchdog.look();
    }
    assertThat(alarms).hasSize(1);
    release();
    watchdog.look();
    holdTheLoopWaiting();
    pass(LIMIT_MILLIS);
    watchdog.look();
    assertThat(alarms).hasSize(2);
  }

  @Test
  void firstTurnIsWatchedAsWell() throws OsException {
    released = new CountDownLatch(1);
    Watchdog watchdog = watchdog(List.of(loop));
    loop.start(made -> {
      made.execute(this::waitForRelease);
      return new Parking();
    });
    Wait.until("it is held in its first turn", () -> loop.busySince() != 0
        && loop.threadState() == Thread.State.WAITING);
    pass(LIMIT_MILLIS);
    watchdog.look();
    assertThat(alarms).hasSize(1);
  }

  @Test
  void loopThatSleepsIsNotToldOf() throws OsException {
    Watchdog watchdog = watching(loop);
    pass(1_000 * LIMIT_MILLIS);
    watchdog.look();
    assertThat(alarms).isEmpty();
  }

  @Test
  void runningLoopIsAllowedTheTimeInWhichOthersHaveTheProcessors() throws OsException {
    Watchdog watchdog = watching(loop, loop("b"), loop("c"), loop("d"));
    holdTheLoopRunning();
    pass(2 * LIMIT_MILLIS - 1);
    watchdog.look();
    assertThat(alarms).as("four loops on two processors").isEmpty();
    pass(1);
    watchdog.look();
    assertThat(alarms).singleElement().satisfies(alarm -> assertThat(alarm).contains("runs"));
  }

  @Test
  void runningLoopWithAProcessorOfItsOwnIsToldAtTheLimit() throws OsException {
    Watchdog watchdog = watching(loop);
    holdTheLoopRunning();
    pass(LIMIT_MILLIS);
    watchdog.look();
    assertThat(alarms).hasSize(1);
  }

  @Test
  void reporterThatThrowsDoesNotEndTheWatchdog() throws OsException {
    start(loop);
    AtomicInteger told = new AtomicInteger();
    try (Watchdog watchdog = new Watchdog(List.of(loop), 20, (sentence, cause) -> {
      told.incrementAndGet();
      throw new IllegalStateException("thrown by the test");
    })) {
      assertThat(watchdog).isNotNull();
      for (int i = 1; i <= 3; i++) {
        int stretch = i;
        holdTheLoopWaiting();
        pass(LIMIT_MILLIS);
        Wait.until("the watchdog's own thread has told", () -> told.get() == stretch);
        release();
      }
    }
  }

  private EventLoop loop(String name) {
    return new EventLoop(name, Limits.defaults(), nanos::get, (sentence, cause) -> {});
  }

  private static void start(EventLoop first) throws OsException {
    first.start(made -> new Parking());
    Wait.until("it sleeps", () -> first.threadState() == Thread.State.WAITING);
  }

  private Watchdog watching(EventLoop first, EventLoop... others) throws OsException {
    start(first);
    List<EventLoop> all = new ArrayList<>(List.of(others));
    all.addFirst(first);
    return watchdog(all);
  }

  private Watchdog watchdog(List<EventLoop> all) {
    return new Watchdog(all, LIMIT_MILLIS, (sentence, cause) -> {
      stacks.add(cause);
      alarms.add(sentence);
    }, PROCESSORS);
  }

  private void pass(int millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void holdTheLoopWaiting() {
    hold(this::waitForRelease);
    Wait.until("it waits", () -> loop.threadState() == Thread.State.WAITING);
  }

  private void holdTheLoopRunning() {
    hold(this::spinUntilRelease);
  }

  private void hold(Runnable how) {
    released = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    // Time passes, so that the stretch differs from the last one.
    pass(1);
    loop.execute(() -> {
      held.countDown();
      how.run();
    });
    Wait.until("the loop is held", () -> held.getCount() == 0);
  }

  private void release() {
    released.countDown();
    Wait.until("the loop sleeps", () -> loop.busySince() == 0);
  }

  private void waitForRelease() {
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while waiting", e);
    }
  }

  private void spinUntilRelease() {
    while (released.getCount() > 0) {
      Thread.onSpinWait();
    }
  }
}
