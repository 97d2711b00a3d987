package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.SystemName;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.SocketOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link Poller} promises when other threads take part. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#pollers")
class PollerRaceTest extends PollerTest {
  private static final int ROUNDS = 30_000;
  private static final int STRANGERS = SystemName.WINDOWS ? 3_000 : ROUNDS;
  private static final long LONG_WAIT = TimeUnit.SECONDS.toNanos(15);

  @BeforeEach
  void needsThreads() {
    Assumptions.assumeTrue(world.hasThreads(), "one-threaded world");
  }

  @Test
  void interestChangedByAnotherThreadReachesTheWaiter() throws Exception {
    SocketPair pair = pair();
    pair.send(pair.far, "x");
    long registration = poller.add(pair.near, Interest.NONE, Trigger.LEVEL, TOKEN);
    AtomicInteger changed = new AtomicInteger(-1);
    Thread other = Thread.ofPlatform()
        .start(
            () -> changed.set(poller.change(registration, Interest.READ)));
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    other.join();
    assertThat(changed.get()).isZero();
  }

  @Test
  void oneshotRearmedByAnotherThreadLosesNoArrival() throws Exception {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.ONESHOT, TOKEN);
    pair.send(pair.far, "x");
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger armed = new AtomicInteger();
    Thread other = Thread.ofPlatform().start(() -> {
      for (int i = 1; i <= 2_000; i++) {
        int round = i;
        Wait.until("round " + i + " was taken", () -> taken.get() >= round, Thread::onSpinWait);
        armed.addAndGet(poller.change(registration, Interest.READ));
      }
    });
    for (int i = 1; i <= 2_000; i++) {
      assertThat(poller.await(ready, LONG_WAIT)).isEqualTo(1);
      taken.set(i);
    }
    other.join();
    assertThat(armed.get()).isZero();
  }

  /** Another thread goes on adding and taking away interest; whatever it does, bytes that have come are told sooner or later. */
  @Test
  void interestTurnedToAndFroByAnotherThreadLosesNoArrival() throws Exception {
    SocketPair pair = pair();
    int[] turns =
        {Interest.READ, Interest.READ | Interest.URGENT, Interest.NONE, Interest.URGENT};
    long registration = poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    Thread other = Thread.ofPlatform().start(() -> {
      for (int i = 0; !stop.get(); i++) {
        failed.addAndGet(poller.change(registration, turns[i % turns.length]));
        if (i % 64 == 0) {
          Thread.yield();
        }
      }
    });
    for (int i = 0; i < 1_000; i++) {
      pair.send(pair.far, "x");
      assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
      pair.receive(pair.near, 1);
    }
    stop.set(true);
    other.join();
    assertThat(failed.get()).isZero();
    assertThat(staleEvents()).isZero();
  }

  /** Whatever another thread changes meanwhile, a removed registration ends once and is quiet from then on. */
  @Test
  void changesDuringARemoveLeaveOneEnd() throws Exception {
    SocketPair pair = pair();
    pair.send(pair.far, "x");
    AtomicLong victim = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    Thread other = Thread.ofPlatform().start(() -> {
      for (int i = 0; !stop.get(); i++) {
        int result = poller.change(victim.get(), i % 8);
        failed.addAndGet(result == 0 || result == ErrorCode.NOT_FOUND ? 0 : 1);
      }
    });
    for (int i = 1; i <= 1_000; i++) {
      long registration = poller.add(pair.near, i % 8, Trigger.LEVEL, i);
      assertThat(registration).isPositive();
      victim.set(registration);
      if (i % 3 == 0) {
        poller.await(ready, 0);
      }
      if (!poller.remove(registration)) {
        int token = i;
        Wait.until("the end is told", () -> (look(token) & Ready.GONE) != 0, () -> {});
        assertThat(ready.count()).as("events of the only registration").isEqualTo(1);
      }
      assertThat(look(i)).as("events after the end").isZero();
    }
    stop.set(true);
    other.join();
    assertThat(failed.get()).isZero();
  }

  /**
   * A registration is removed, its descriptor closed and at once a stranger's, while another thread goes on changing the old
   * registration to no interest. If one change reached the stranger, the stranger would never report.
   */
  @Test
  void changeNeverTouchesAStrangerWithTheSameDescriptor() throws Exception {
    AtomicLong victim = new AtomicLong();
    AtomicLong changes = new AtomicLong();
    AtomicInteger failed = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    Thread changer = Thread.ofPlatform().start(() -> {
      while (!stop.get()) {
        int result = poller.change(victim.get(), Interest.NONE);
        failed.addAndGet(result == 0 || result == ErrorCode.NOT_FOUND ? 0 : 1);
        changes.incrementAndGet();
      }
    });
    long listener = SocketPair.listen(world);
    for (int i = 0; i < STRANGERS; i++) {
      long first = sockets.open(world.anyAddress());
      long old = poller.add(first, Interest.READ, Trigger.LEVEL, 1);
      victim.set(old);
      removeNow(old, 1);
      sockets.closeSocket(first);
      long stranger = sockets.open(world.anyAddress());
      long peer = makeWritable(stranger, listener);
      long young = poller.add(stranger, Interest.WRITE, Trigger.LEVEL, 2);
      assertThat(awaitToken(2)).as("the stranger with descriptor %d in round %d", stranger, i)
          .isNotZero();
      removeNow(young, 2);
      sockets.closeSocket(stranger);
      if (peer >= 0) {
        sockets.closeSocket(peer);
      }
    }
    sockets.closeSocket(listener);
    stop.set(true);
    changer.join();
    assertThat(changes.get()).isPositive();
    assertThat(failed.get()).isZero();
    assertThat(staleEvents()).isZero();
  }

  /** On Linux an unconnected socket is writable at once; on Windows only a connected one is, and each round costs more. */
  private long makeWritable(long stranger, long listener) {
    if (!SystemName.WINDOWS) {
      return -1;
    }
    sockets.setOption(stranger, SocketOption.RESET_ON_CLOSE, 1);
    assertThat(sockets.connect(stranger, sockets.localAddress(listener)))
        .isIn(0, ErrorCode.IN_PROGRESS);
    long[] peer = new long[1];
    Wait.until("the connection is accepted", () -> (peer[0] = sockets.accept(listener)) >= 0,
        Thread::onSpinWait);
    return peer[0];
  }

  @Test
  void wakeAgainstSleepIsNeverLost() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    Thread waker = Thread.ofPlatform().start(() -> {
      for (int i = 1; i <= ROUNDS; i++) {
        int round = i;
        asked.set(i);
        poller.wake();
        Wait.until("wake " + i + " was answered", () -> answered.get() >= round,
            Thread::onSpinWait);
      }
    });
    while (answered.get() < ROUNDS) {
      long start = System.nanoTime();
      poller.await(ready, LONG_WAIT);
      assertThat(System.nanoTime() - start).as("the wait after %d wakes", answered.get())
          .isLessThan(LONG_WAIT);
      answered.set(asked.get());
    }
    waker.join();
  }

  @Test
  void wakesOfManyThreadsAllReachTheWaiter() throws Exception {
    int threads = 4;
    int each = 5_000;
    AtomicInteger given = new AtomicInteger();
    AtomicInteger running = new AtomicInteger(threads);
    for (int t = 0; t < threads; t++) {
      Thread.ofVirtual().start(() -> {
        for (int i = 0; i < each; i++) {
          given.incrementAndGet();
          poller.wake();
        }
        running.decrementAndGet();
      });
    }
    int seen = 0;
    while (seen < threads * each) {
      poller.await(ready, LONG_WAIT);
      int now = given.get();
      assertThat(now).as("an await without a wake")
          .satisfiesAnyOf(
              n -> assertThat(n).isPositive(), n -> assertThat(running.get()).isPositive());
      seen = now;
    }
    Wait.until("all wakers have ended", () -> running.get() == 0);
  }

  @Test
  void closeWaitsForWakesAndChangesUnderWay() throws Exception {
    for (int round = 0; round < 300; round++) {
      SocketPair pair = new SocketPair(world);
      Poller other = world.poller(4, counters);
      long registration = other.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
      AtomicBoolean started = new AtomicBoolean();
      AtomicInteger done = new AtomicInteger();
      Thread busy = Thread.ofPlatform().start(() -> {
        for (int i = 0; i < 200; i++) {
          started.set(true);
          other.wake();
          int result = other.change(registration, i & 1);
          done.addAndGet(result == 0 || result == ErrorCode.NOT_FOUND ? 1 : 0);
        }
      });
      Wait.until("the other thread is busy", started::get, Thread::onSpinWait);
      other.close();
      busy.join();
      assertThat(done.get()).isEqualTo(200);
      pair.close();
    }
  }

  @Test
  void otherThreadsAreRefusedAndChangeNothing() throws Exception {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    AtomicBoolean refused = new AtomicBoolean();
    Thread other = Thread.ofPlatform().start(() -> {
      assertRefused(() -> poller.add(pair.far, Interest.WRITE, Trigger.LEVEL, 5));
      assertRefused(() -> poller.remove(registration));
      assertRefused(() -> poller.await(new Ready(1), 0));
      assertRefused(poller::close);
      refused.set(true);
    });
    other.join();
    assertThat(refused).as("all four calls were refused").isTrue();
    pair.send(pair.far, "x");
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    assertThat(poller.remove(registration)).isTrue();
    assertThat(poller.add(pair.far, Interest.WRITE, Trigger.LEVEL, 5)).isPositive();
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("belongs to thread");
  }
}
