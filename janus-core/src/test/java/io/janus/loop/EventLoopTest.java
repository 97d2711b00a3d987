package io.janus.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EventLoopTest {
  private final List<String> reports = new CopyOnWriteArrayList<>();
  private final Parking source = new Parking();
  private final EventLoop loop = new EventLoop("loop under test", Limits.defaults(), Clock.SYSTEM,
      (sentence, cause) -> reports.add(sentence));

  @Test
  void aTurnRunsTasksThenDeadlinesThenWaitsThenDispatches() throws OsException {
    loop.open(made -> source);
    loop.timers().schedule(noting("deadline"), loop.now());
    source.events.set(1);
    loop.execute(() -> source.calls.add("task"));
    Wait.until("the deadline is due", () -> {
      source.wake();
      loop.turn();
      return source.calls.contains("deadline");
    });
    assertThat(source.calls.subList(0, 4)).containsExactly("task", "prepare", "await", "dispatch");
    int deadline = source.calls.indexOf("deadline");
    assertThat(source.calls.get(deadline + 1)).isEqualTo("prepare");
  }

  @Test
  void startedLoopRunsTasksOfOtherThreadsAndEndsWhenStopped() throws Exception {
    loop.start(made -> source);
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 1_000; i++) {
      loop.execute(() -> {
        assertThat(loop.inLoop()).isTrue();
        ran.incrementAndGet();
      });
    }
    Wait.until("all have run", () -> ran.get() == 1_000);
    assertThat(loop.inLoop()).isFalse();
    loop.stop();
    assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
    assertThat(source.calls.getLast()).isEqualTo("close");
    assertThatThrownBy(() -> loop.execute(ran::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("stopped");
    assertThat(reports).isEmpty();
  }

  @Test
  void sleepingLoopWakesForEachTask() throws Exception {
    loop.start(made -> source);
    AtomicInteger ran = new AtomicInteger();
    for (int i = 1; i <= 2_000; i++) {
      int round = i;
      loop.execute(ran::incrementAndGet);
      Wait.until("task " + i + " has run", () -> ran.get() == round, Thread::onSpinWait);
    }
    loop.stop();
    assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void fullMailboxRejectsWithTheRemedy() throws OsException {
    EventLoop small = new EventLoop("small", Limits.defaults().withMailboxTasks(16), Clock.SYSTEM,
        Reporter.LOGGER);
    small.open(made -> source);
    for (int i = 0; i < 16; i++) {
      small.execute(() -> {});
    }
    assertThatThrownBy(() -> small.execute(() -> {})).isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("mailboxTasks");
  }

  @Test
  void refusedSourceIsThrownByStart() throws Exception {
    assertThatThrownBy(() -> loop.start(made -> {
      throw new OsException("open a test", OsError.of(ErrorCode.OUT_OF_DESCRIPTORS));
    })).isInstanceOf(OsException.class).hasMessageContaining("EMFILE");
    assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void failingWaitEndsTheLoopWithAReportAndClosesTheSource() throws Exception {
    source.failure = new IllegalStateException("thrown by the test");
    loop.start(made -> source);
    assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
    assertThat(reports).singleElement()
        .satisfies(
            report -> assertThat(report).contains("loop under test failed"));
    assertThat(loop.hasEnded()).isTrue();
    assertThat(loop.failure()).isSameAs(source.failure);
    assertThat(source.calls.getLast()).isEqualTo("close");
  }

  @Test
  void throwingTaskOrDeadlineIsReportedAndTheLoopGoesOn() throws Exception {
    loop.start(made -> source);
    loop.execute(() -> {
      loop.timers().schedule(new Deadline() {
        @Override
        protected void expired(long nowNanos) {
          throw new IllegalStateException("thrown by the test");
        }
      }, loop.now());
      throw new AssertionError("thrown by the test");
    });
    Wait.until("both are reported", () -> reports.size() == 2);
    AtomicInteger ran = new AtomicInteger();
    loop.execute(ran::incrementAndGet);
    Wait.until("the loop goes on", () -> ran.get() == 1);
    loop.stop();
    assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void loopBeginsOnceAndSaysSo() throws Exception {
    loop.start(made -> source);
    assertThatThrownBy(() -> loop.start(made -> new Parking()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("loop under test")
        .hasMessageContaining("make a new one");
    assertThatThrownBy(() -> loop.open(made -> new Parking()))
        .isInstanceOf(IllegalStateException.class);
    AtomicInteger ran = new AtomicInteger();
    loop.execute(ran::incrementAndGet);
    Wait.until("the loop goes on as it began", () -> ran.get() == 1);
    loop.stop();
    assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void openedLoopIsNotOpenedAgain() throws OsException {
    loop.open(made -> source);
    assertThatThrownBy(() -> loop.open(made -> new Parking()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was started or opened before");
  }

  @Test
  void turnWithoutASourceIsRefused() {
    assertThatThrownBy(loop::turn).isInstanceOf(IllegalStateException.class);
  }

  private Deadline noting(String word) {
    return new Deadline() {
      @Override
      protected void expired(long nowNanos) {
        source.calls.add(word);
      }
    };
  }
}
