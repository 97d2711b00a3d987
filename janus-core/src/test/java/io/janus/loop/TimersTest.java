package io.janus.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The deadline wheel against what a list would do. */
class TimersTest {
  private static final long GRAIN = 1L << 23;

  private static final class Alarm extends Deadline {
    final List<Alarm> expired;
    long at;
    long expiredAt = Long.MIN_VALUE;
    Runnable then = () -> {};

    Alarm(List<Alarm> expired) {
      this.expired = expired;
    }

    @Override
    protected void expired(long nowNanos) {
      expiredAt = nowNanos;
      expired.add(this);
      then.run();
    }
  }

  private final List<Alarm> expired = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE / 2, Long.MAX_VALUE / 2, 123_456_789_012L})
  void deadlineExpiresOnceAndNeverEarly(long origin) {
    Timers timers = new Timers(origin);
    for (long delay : new long[] {0, 1, GRAIN - 1, GRAIN, GRAIN + 1, 700 * GRAIN + 5}) {
      Alarm alarm = new Alarm(expired);
      alarm.at = origin + delay;
      timers.schedule(alarm, alarm.at);
      assertThat(alarm.isScheduled()).isTrue();
    }
    for (long now = origin; now - origin <= 800 * GRAIN; now += GRAIN / 3) {
      timers.expire(now);
    }
    assertThat(expired).hasSize(6).doesNotHaveDuplicates().allSatisfy(alarm -> {
      assertThat(alarm.expiredAt - alarm.at).isBetween(0L, 2 * GRAIN);
      assertThat(alarm.isScheduled()).isFalse();
    });
    assertThat(timers.untilNext(origin + 800 * GRAIN)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE / 2, Long.MAX_VALUE / 2})
  void farthestTimeIsNeverReachedAndNeverWrapsAround(long origin) {
    Timers timers = new Timers(origin);
    Alarm never = new Alarm(expired);
    timers.schedule(never, Long.MAX_VALUE);
    for (long now = origin; now - origin <= 1_100 * GRAIN; now += 7 * GRAIN) {
      timers.expire(now);
      assertThat(timers.untilNext(now)).isPositive();
    }
    assertThat(expired).isEmpty();
    assertThat(timers.timeOf(never) - origin).as("how far away it is").isPositive();
  }

  @Test
  void timesInThePastExpireAtTheNextLook() {
    Timers timers = new Timers(1_000 * GRAIN);
    timers.expire(1_500 * GRAIN);
    timers.schedule(new Alarm(expired), 3 * GRAIN);
    timers.expire(1_501 * GRAIN);
    assertThat(expired).hasSize(1);
  }

  @Test
  void aLongSleepExpiresEverythingOnce() {
    Timers timers = new Timers(0);
    for (int i = 0; i < 2_000; i++) {
      timers.schedule(new Alarm(expired), i * GRAIN);
    }
    timers.expire(10_000 * GRAIN);
    assertThat(expired).hasSize(2_000).doesNotHaveDuplicates();
  }

  @Test
  void oneExpiryMayCancelMoveOrScheduleAnother() {
    Timers timers = new Timers(0);
    Alarm victim = new Alarm(expired);
    Alarm moved = new Alarm(expired);
    Alarm again = new Alarm(expired);
    Alarm first = new Alarm(expired);
    first.then = () -> {
      timers.cancel(victim);
      timers.schedule(moved, 50 * GRAIN);
    };
    again.then = () -> {
      if (expired.size() < 4) {
        timers.schedule(again, 0);
      }
    };
    for (Alarm alarm : List.of(first, victim, moved, again)) {
      timers.schedule(alarm, GRAIN);
    }
    timers.expire(2 * GRAIN);
    assertThat(expired).containsExactly(first, again);
    timers.expire(3 * GRAIN);
    timers.expire(4 * GRAIN);
    assertThat(expired).containsExactly(first, again, again, again);
    timers.expire(60 * GRAIN);
    assertThat(expired).contains(moved).doesNotContain(victim);
  }

  @Test
  void whatOneDeadlineThrowsDoesNotHoldUpTheOthers() {
    Timers timers = new Timers(0);
    for (int i = 0; i < 3; i++) {
      Alarm alarm = new Alarm(expired);
      alarm.then = () -> {
        throw new IllegalStateException("thrown by the test");
      };
      timers.schedule(alarm, (i + 1) * GRAIN);
    }
    assertThatThrownBy(() -> timers.expire(10 * GRAIN)).isInstanceOf(IllegalStateException.class)
        .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(2));
    assertThat(expired).hasSize(3);
    timers.expire(20 * GRAIN);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void behavesLikeAListUnderRandomSchedulesMovesAndCancels(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long origin = random.nextLong();
    Timers timers = new Timers(origin);
    List<Alarm> alarms = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      alarms.add(new Alarm(expired));
    }
    TreeSet<Integer> scheduled = new TreeSet<>();
    long now = origin;
    for (int step = 0; step < 4_000; step++) {
      int i = random.nextInt(alarms.size());
      Alarm alarm = alarms.get(i);
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          alarm.at = now + random.nextLong(random.nextBoolean() ? 5 * GRAIN : 1_300 * GRAIN);
          timers.schedule(alarm, alarm.at);
          scheduled.add(i);
        }
        case 2 -> {
          timers.cancel(alarm);
          scheduled.remove(i);
        }
        default -> {
          now += random.nextLong(random.nextInt(20) == 0 ? 900 * GRAIN : 3 * GRAIN);
          look(timers, alarms, scheduled, now);
        }
      }
      assertThat(alarm.isScheduled()).isEqualTo(scheduled.contains(i));
    }
  }

  /** What the wheel expires are exactly those whose time has come, but for the grain; and it never sleeps past the next one. */
  private void look(Timers timers, List<Alarm> alarms, TreeSet<Integer> scheduled, long now) {
    expired.clear();
    timers.expire(now);
    for (Alarm alarm : expired) {
      assertThat(scheduled.remove(alarms.indexOf(alarm))).as("expired though not scheduled")
          .isTrue();
      assertThat(alarm.at - now).as("early by").isLessThanOrEqualTo(0);
    }
    long until = timers.untilNext(now);
    for (int i : scheduled) {
      long left = alarms.get(i).at - now;
      assertThat(left).as("late by more than the grain").isGreaterThan(-2 * GRAIN);
      assertThat(until).as("sleep").isBetween(0L, Math.max(0, left) + 2 * GRAIN);
    }
    if (scheduled.isEmpty()) {
      assertThat(until).isEqualTo(-1);
    }
  }
}
