package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link CompletionPort} promises of cancels, posts and wakes, which race with what they are about. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#ports")
class CompletionPortRaceTest extends PortTest {
  private static final long LONG_WAIT = TimeUnit.SECONDS.toNanos(15);

  @Test
  void cancelledReceiveSaysSoAndTheConnectionGoesOn() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    long operation = port.receive(handle, 0, 1);
    staysQuiet();
    assertThat(port.cancel(operation)).isTrue();
    assertThat(next(Operation.RECEIVE, 1).result()).isEqualTo(ErrorCode.CANCELLED);
    pair.send(pair.far, "after");
    port.receive(handle, 0, 2);
    assertThat(next(Operation.RECEIVE, 2).text()).isEqualTo("after");
    sendAll(handle, acquire("both ways"));
    assertThat(pair.receive(pair.far, 9)).isEqualTo(Bytes.of("both ways"));
  }

  @Test
  void cancelledReceiveGivesTheCallersBufferBackEmpty() {
    long handle = adopt(pair());
    Buffer own = acquire();
    long operation = port.receive(handle, own, 1);
    port.cancel(operation);
    Done done = next(Operation.RECEIVE, 1);
    assertThat(done.buffer()).isSameAs(own);
    assertThat(own.readable()).isZero();
    own.release();
  }

  /** The question of the brief: a receive that waits with a buffer of 8,192 bytes is to take at most 10. */
  @Test
  void pendingReceiveOf8192BytesCanBeChangedIntoOneOf10() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    Buffer own = acquire();
    assertThat(own.writable()).isEqualTo(8192);
    long operation = port.receive(handle, own, 1);
    port.cancel(operation);
    assertThat(next(Operation.RECEIVE, 1).result()).isEqualTo(ErrorCode.CANCELLED);
    port.receive(handle, own.limit(10), 2);
    pair.send(pair.far, "0123456789abcdef");
    Done ten = next(Operation.RECEIVE, 2);
    assertThat(ten.result()).isEqualTo(10);
    assertThat(ten.text()).isEqualTo("0123456789");
    port.receive(handle, 0, 3);
    assertThat(next(Operation.RECEIVE, 3).text()).isEqualTo("abcdef");
  }

  @Test
  void cancelOfAnEndedOperationIsFalseWhetherItWasTakenOrNot() {
    SocketPair pair = pair();
    pair.send(pair.far, "x");
    long handle = adopt(pair);
    long operation = port.receive(handle, 0, 1);
    Wait.until("it has ended", () -> {
      take(SHORT);
      return !waiting.isEmpty();
    }, world::letTimePass);
    assertThat(port.cancel(operation)).isFalse();
    assertThat(next(Operation.RECEIVE, 1).text()).isEqualTo("x");
    long second = port.receive(handle, 0, 2);
    assertThat(second).isNotEqualTo(operation);
    assertThat(port.cancel(operation)).as("a stale cancel against the next in the slot").isFalse();
    staysQuiet();
    assertThat(port.cancel(second)).isTrue();
    assertThat(port.cancel(second)).as("a second cancel").isFalse();
    next(Operation.RECEIVE, 2);
  }

  @Test
  void cancelAgainstArrivalLosesNoByteAndEndsEachReceiveOnce() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    SplittableRandom random = new SplittableRandom(7);
    StringBuilder sent = new StringBuilder();
    StringBuilder received = new StringBuilder();
    int cancelled = 0;
    for (int i = 0; i < 3_000; i++) {
      long operation = port.receive(handle, 0, i);
      assertThat(operation).isPositive();
      if (random.nextBoolean()) {
        String part = Integer.toString(i) + ' ';
        sent.append(part);
        pair.send(pair.far, part);
      }
      if (random.nextInt(3) == 0) {
        take(0);
      }
      port.cancel(operation);
      Done done = next(Operation.RECEIVE, i);
      if (done.result() == ErrorCode.CANCELLED) {
        cancelled++;
        assertThat(done.buffer()).isNull();
      } else {
        received.append(done.text());
      }
    }
    while (received.length() < sent.length()) {
      port.receive(handle, 0, 1);
      received.append(next(Operation.RECEIVE, 1).text());
    }
    assertThat(received).hasToString(sent.toString());
    assertThat(cancelled).isPositive();
    staysQuiet();
  }

  @Test
  void cancelledSendEndsAndTheHandleCanBeClosed() {
    SocketPair pair = pair();
    pair.fill(pair.near);
    long handle = adopt(pair);
    Buffer buffer = acquire("never");
    long operation = port.send(handle, buffer, 1);
    staysQuiet();
    assertThat(port.cancel(operation)).isTrue();
    Done done = next(Operation.SEND, 1);
    assertThat(done.result()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(buffer.readable()).isEqualTo(5);
    buffer.release();
    port.close(handle, 2);
    next(Operation.CLOSE, 2);
  }

  @Test
  void cancelledAcceptEndsAndALaterOneTakesTheConnection() {
    long listener = port.adopt(SocketPair.listen(world));
    Address at = sockets.localAddress(port.socket(listener));
    long operation = port.accept(listener, 0, 1);
    staysQuiet();
    assertThat(port.cancel(operation)).isTrue();
    assertThat(next(Operation.ACCEPT, 1).result()).isEqualTo(ErrorCode.CANCELLED);
    long client = sockets.open(at);
    sockets.connect(client, at);
    staysQuiet();
    port.accept(listener, 0, 2);
    assertThat(next(Operation.ACCEPT, 2).result()).isZero();
    sockets.closeSocket(client);
  }

  @Test
  void aClosedHandlesLateWishesMeetNobody() {
    SocketPair first = pair();
    long old = adopt(first);
    long operation = port.receive(old, 0, 1);
    port.cancel(operation);
    next(Operation.RECEIVE, 1);
    port.close(old, 2);
    next(Operation.CLOSE, 2);
    SocketPair second = pair();
    long young = adopt(second);
    assertThat(young).isNotEqualTo(old);
    port.receive(young, 0, 3);
    assertThat(port.cancel(operation)).isFalse();
    assertThat(port.receive(old, 0, 4)).isEqualTo(ErrorCode.NOT_FOUND);
    second.send(second.far, "young");
    assertThat(next(Operation.RECEIVE, 3).text()).isEqualTo("young");
  }

  @Test
  void postComesBackAsACompletionOfItsOwnKind() {
    assertThat(port.post(-7, 42)).isTrue();
    Done done = next(Operation.POST, -7);
    assertThat(done.result()).isEqualTo(42);
    assertThat(done.handle()).isZero();
    assertThat(done.buffer()).isNull();
  }

  @Test
  void postsDoNotStarveOtherEnds() {
    SocketPair pair = pair();
    pair.send(pair.far, "x");
    port.receive(adopt(pair), 0, 1);
    var one = new io.janus.completion.Completions(1);
    Wait.until("the receive gets a turn although posts never run dry", () -> {
      port.post(9, 0);
      port.post(9, 0);
      take(one, 0);
      Done done = waiting.remove();
      if (done.operation() == Operation.RECEIVE) {
        assertThat(done.text()).isEqualTo("x");
        return true;
      }
      return false;
    }, world::letTimePass);
  }

  @Test
  void postsBeyondTheBoundAreRefused() throws OsException {
    try (CompletionPort small =
        world.port(pool, Limits.defaults().withMailboxTasks(16), counters)) {
      for (int i = 0; i < 16; i++) {
        assertThat(small.post(i, i)).isTrue();
      }
      assertThat(small.post(99, 99)).isFalse();
      assertThat(small.await(completions, 0)).isEqualTo(16);
      assertThat(small.post(99, 99)).isTrue();
    }
  }

  @Test
  void postsOfOtherThreadsAllArriveInTheOrderOfEach() throws Exception {
    assumeTrue(world.hasThreads(), "a simulated world has no threads");
    int threads = 3;
    int each = 3_000;
    for (int t = 0; t < threads; t++) {
      int token = t;
      Thread.ofPlatform().start(() -> {
        for (int i = 0; i < each; i++) {
          int value = i;
          Wait.until("there is room", () -> port.post(token, value));
        }
      });
    }
    int[] seen = new int[threads];
    for (int n = 0; n < threads * each; n++) {
      Done done = next();
      assertThat(done.operation()).isEqualTo(Operation.POST);
      assertThat(done.result()).isEqualTo(seen[(int) done.token()]++);
    }
  }

  @Test
  void wakeIsStickyCoalescedAndNeverInTheBatch() {
    port.wake();
    port.wake();
    assertThat(port.await(completions, LONG_WAIT)).isZero();
    long start = world.clock().nanos();
    staysQuiet();
    assertThat(world.clock().nanos() - start).as("quiet waits were not cut short by a second wake")
        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(3));
  }

  @Test
  void wakeAgainstSleepIsNeverLost() throws Exception {
    assumeTrue(world.hasThreads(), "a simulated world has no threads");
    int rounds = 10_000;
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    Thread waker = Thread.ofPlatform().start(() -> {
      for (int i = 1; i <= rounds; i++) {
        int round = i;
        asked.set(i);
        port.wake();
        Wait.until("wake " + i + " was answered", () -> answered.get() >= round,
            Thread::onSpinWait);
      }
    });
    while (answered.get() < rounds) {
      long start = System.nanoTime();
      port.await(completions, LONG_WAIT);
      assertThat(System.nanoTime() - start).isLessThan(LONG_WAIT);
      answered.set(asked.get());
    }
    waker.join();
  }

  @Test
  void submitFromAnotherThreadThrowsAndTakesNothing() throws Exception {
    assumeTrue(world.hasThreads(), "a simulated world has no threads");
    long handle = adopt(pair());
    Buffer buffer = acquire("mine");
    AtomicInteger refused = new AtomicInteger();
    Thread other = Thread.ofPlatform().start(() -> {
      for (Runnable call : new Runnable[] {() -> port.send(handle, buffer, 1),
        () -> port.receive(handle, buffer, 1), () -> port.receive(handle, 0, 1),
        () -> port.close(handle, 1), () -> port.cancel(1), () -> port.await(completions, 0)}) {
        assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("belongs to thread");
        refused.incrementAndGet();
      }
    });
    other.join();
    assertThat(refused.get()).isEqualTo(6);
    assertThat(buffer.readable()).isEqualTo(4);
    assertThat(port.inFlight()).isZero();
    buffer.release();
  }
}
