package io.janus.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TurnstileTest {

  @Test
  void onlyTheFirstIsLetIn() {
    Turnstile turnstile = new Turnstile();
    assertThat(turnstile.enter(1)).isTrue();
    assertThat(turnstile.isBusy()).isTrue();
    assertThat(turnstile.enter(2)).isFalse();
    assertThat(turnstile.enter(1)).isFalse();
    assertThat(turnstile.take()).isEqualTo(3);
    assertThat(turnstile.take()).isZero();
    assertThat(turnstile.leave()).isTrue();
    assertThat(turnstile.isBusy()).isFalse();
    assertThat(turnstile.enter(4)).isTrue();
  }

  @Test
  void nobodyLeavesWhileEventsAreThere() {
    Turnstile turnstile = new Turnstile();
    turnstile.enter(1);
    assertThat(turnstile.leave()).as("its own event was not taken").isFalse();
    turnstile.take();
    turnstile.enter(2);
    assertThat(turnstile.leave()).as("another one came").isFalse();
    assertThat(turnstile.take()).isEqualTo(2);
    assertThat(turnstile.leave()).isTrue();
  }

  @Test
  void twoDirectionsDoNotKnowOfEachOther() {
    Turnstile input = new Turnstile();
    Turnstile output = new Turnstile();
    assertThat(input.enter(1)).isTrue();
    assertThat(output.enter(1)).isTrue();
  }

  @Test
  void noEventAndTheSignBitAreRefused() {
    Turnstile turnstile = new Turnstile();
    assertThatThrownBy(() -> turnstile.enter(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> turnstile.enter(Integer.MIN_VALUE | 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(turnstile.isBusy()).isFalse();
  }

  /** Each thread owns one event and brings it again only when it was handled, as a receive does. */
  @Test
  void everyEventIsHandledOnceByOneThreadAtATime() throws InterruptedException {
    int threads = 4;
    int rounds = 50_000;
    Turnstile turnstile = new Turnstile();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    AtomicInteger[] handled = new AtomicInteger[threads];
    int[] plain = new int[1];
    Thread[] running = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      handled[t] = new AtomicInteger();
    }
    for (int t = 0; t < threads; t++) {
      int mine = t;
      running[t] = Thread.ofPlatform().start(() -> {
        for (int round = 0; round < rounds; round++) {
          while (handled[mine].get() < round) {
            Thread.onSpinWait();
          }
          if (turnstile.enter(1 << mine)) {
            do {
              overlaps.addAndGet(inside.getAndIncrement());
              int events = turnstile.take();
              plain[0] += Integer.bitCount(events);
              inside.getAndDecrement();
              for (int bit = 0; bit < threads; bit++) {
                handled[bit].addAndGet(events >> bit & 1);
              }
            } while (!turnstile.leave());
          }
        }
      });
    }
    for (Thread thread : running) {
      thread.join();
    }
    assertThat(overlaps).hasValue(0);
    assertThat(plain[0]).as("counted without any atomic").isEqualTo(threads * rounds);
    for (AtomicInteger each : handled) {
      assertThat(each).hasValue(rounds);
    }
  }
}
