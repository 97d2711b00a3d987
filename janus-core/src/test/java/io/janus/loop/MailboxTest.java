package io.janus.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.contract.Wait;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MailboxTest {
  private static final Runnable NOTHING = () -> {};

  @Test
  void tasksComeOutInTheOrderInWhichTheyWentIn() {
    Mailbox mailbox = new Mailbox(16);
    StringBuilder order = new StringBuilder();
    for (int round = 0; round < 100; round++) {
      for (int i = 0; i < 10; i++) {
        int digit = i;
        assertThat(mailbox.offer(() -> order.append(digit))).isTrue();
      }
      for (int i = 0; i < 10; i++) {
        mailbox.poll().run();
      }
      assertThat(mailbox.poll()).isNull();
    }
    assertThat(order).hasToString("0123456789".repeat(100));
  }

  @Test
  void fullMailboxTakesNothingAndHasRoomAgainAfterAPoll() {
    Mailbox mailbox = new Mailbox(16);
    for (int i = 0; i < 16; i++) {
      assertThat(mailbox.offer(NOTHING)).isTrue();
    }
    assertThat(mailbox.offer(NOTHING)).isFalse();
    assertThat(mailbox.size()).isEqualTo(16);
    assertThat(mailbox.poll()).isNotNull();
    assertThat(mailbox.offer(NOTHING)).isTrue();
  }

  @Test
  void capacityThatIsNoPowerOfTwoIsRefused() {
    assertThatThrownBy(() -> new Mailbox(17)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("17");
  }

  @Test
  void loopMustNotSleepWithATaskInTheBox() {
    Mailbox mailbox = new Mailbox(16);
    assertThat(mailbox.fallAsleep()).isTrue();
    assertThat(mailbox.mustWake()).isTrue();
    mailbox.wakeUp();
    assertThat(mailbox.mustWake()).isFalse();
    mailbox.offer(NOTHING);
    assertThat(mailbox.fallAsleep()).isFalse();
  }

  /** The loop parks whenever the mailbox lets it; a lost wake-up would leave it parked with a task waiting. */
  @Test
  void noTaskIsEverLeftInTheBoxOfASleepingLoop() throws Exception {
    Mailbox mailbox = new Mailbox(64);
    int producers = 3;
    int each = 20_000;
    AtomicInteger ran = new AtomicInteger();
    Thread consumer = Thread.ofPlatform().start(() -> {
      while (ran.get() < producers * each) {
        for (Runnable task = mailbox.poll(); task != null; task = mailbox.poll()) {
          task.run();
        }
        if (mailbox.fallAsleep()) {
          LockSupport.park();
        }
        mailbox.wakeUp();
      }
    });
    for (int p = 0; p < producers; p++) {
      Thread.ofPlatform().start(() -> {
        for (int i = 0; i < each; i++) {
          Wait.until("there is room", () -> mailbox.offer(ran::incrementAndGet), Thread::yield);
          if (mailbox.mustWake()) {
            LockSupport.unpark(consumer);
          }
        }
      });
    }
    Wait.until("all tasks have run", () -> ran.get() == producers * each);
    LockSupport.unpark(consumer);
    consumer.join();
  }
}
