package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.SharedPort;
import io.janus.completion.Turnstile;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a {@link SharedPort} promises when several workers share it. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#sharedPorts")
class SharedPortLoadTest extends SharedPortTest {
  private static final int WORKERS = 4;

  @Test
  void everyOperationEndsExactlyOnceWithSingleDequeue() throws Exception {
    everyOperationEndsExactlyOnce(1);
  }

  @Test
  void everyOperationEndsExactlyOnceWithBatches() throws Exception {
    everyOperationEndsExactlyOnce(64);
  }

  private void everyOperationEndsExactlyOnce(int batch) throws Exception {
    int pairs = 24;
    int bytesEach = 200;
    AtomicIntegerArray ends = new AtomicIntegerArray(pairs * bytesEach + pairs);
    AtomicIntegerArray errors = new AtomicIntegerArray(pairs * bytesEach + pairs);
    AtomicInteger tokens = new AtomicInteger();
    AtomicLong received = new AtomicLong();
    AtomicInteger finished = new AtomicInteger();
    try (Workers workers = new Workers(port, WORKERS, batch, (done, i) -> {
      int token = (int) done.token(i);
      ends.incrementAndGet(token);
      Buffer buffer = done.buffer(i);
      if (done.result(i) > 0) {
        received.addAndGet(done.result(i));
        Objects.requireNonNull(buffer).release();
        assertThat(port.receive(done.handle(i), 0, tokens.getAndIncrement())).isPositive();
      } else {
        errors.addAndGet(token, done.result(i));
        finished.incrementAndGet();
      }
    })) {
      List<SocketPair> all = new ArrayList<>();
      for (int i = 0; i < pairs; i++) {
        SocketPair pair = pair();
        all.add(pair);
        assertThat(port.receive(adopt(pair), 0, tokens.getAndIncrement())).isPositive();
      }
      for (int round = 0; round < bytesEach; round++) {
        all.forEach(pair -> pair.send(pair.far, "x"));
      }
      all.forEach(SocketPair::closeFar);
      Wait.until("every connection has ended", () -> finished.get() == pairs);
      workers.untilIdle();
      assertThat(received).hasValue((long) pairs * bytesEach);
      for (int token = 0; token < tokens.get(); token++) {
        assertThat(ends.get(token)).as("completions of operation %d", token).isEqualTo(1);
        assertThat(errors.get(token)).isZero();
      }
      assertThat(port.inFlight()).isZero();
    }
  }

  @Test
  void cancelsOfOtherThreadsLoseNoByteAndEndEachReceiveOnce() throws Exception {
    SocketPair pair = pair();
    long handle = adopt(pair);
    SplittableRandom random = new SplittableRandom(11);
    StringBuilder sent = new StringBuilder();
    StringBuilder received = new StringBuilder();
    int cancelled = 0;
    for (int i = 0; i < 2_000; i++) {
      long operation = port.receive(handle, 0, i);
      if (random.nextBoolean()) {
        String part = Integer.toString(i) + ' ';
        sent.append(part);
        pair.send(pair.far, part);
      }
      if (random.nextInt(4) == 0) {
        Thread.yield();
      }
      port.cancel(operation);
      next(Operation.RECEIVE, i);
      if (one.result(0) == ErrorCode.CANCELLED) {
        cancelled++;
        assertThat(one.buffer(0)).isNull();
      } else {
        received.append(text());
      }
    }
    while (received.length() < sent.length()) {
      port.receive(handle, 0, 1);
      next(Operation.RECEIVE, 1);
      received.append(text());
    }
    assertThat(received).hasToString(sent.toString());
    assertThat(cancelled).isPositive();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void workersCancelReceivesOfEachOther() throws Exception {
    int pairs = 32;
    AtomicInteger cancelled = new AtomicInteger();
    try (Workers workers = new Workers(port, WORKERS, 8, (done, i) -> {
      if (done.operation(i) == Operation.POST) {
        assertThat(port.cancel(done.token(i))).isTrue();
      } else {
        assertThat(done.result(i)).isEqualTo(ErrorCode.CANCELLED);
        cancelled.incrementAndGet();
      }
    })) {
      for (int i = 0; i < pairs; i++) {
        long operation = port.receive(adopt(pair()), 0, i);
        assertThat(port.post(operation, 0)).isTrue();
      }
      Wait.until("every receive has ended", () -> cancelled.get() == pairs);
      workers.untilIdle();
      assertThat(port.inFlight()).isZero();
    }
  }

  @Test
  void stopEndsWorkersThatWait() throws Exception {
    Workers workers = new Workers(port, WORKERS, 1, (done, i) -> {});
    workers.untilIdle();
    workers.close();
  }

  @Test
  void closeWithEverythingInFlightGivesEveryBufferBack() throws Exception {
    SharedPort doomed = open(2, Limits.defaults());
    SocketPair stuck = pair();
    stuck.fill(stuck.near);
    long handle = doomed.adopt(stuck.giveNear());
    doomed.receive(handle, acquire("in flight"), 1);
    doomed.sendAll(handle, new Buffer[] {acquire("a"), acquire("b")}, 2, 2);
    doomed.send(handle, acquire("refused, and waits for room"), 3);
    for (int i = 0; i < 8; i++) {
      SocketPair pair = pair();
      long ready = doomed.adopt(pair.giveNear());
      pair.send(pair.far, "landed");
      doomed.receive(ready, 0, 4);
      doomed.sendAll(ready, new Buffer[] {acquire("c"), acquire("d")}, 2, 5);
    }
    Wait.until("the queue is full", () -> doomed.waiting() == 2);
    doomed.send(handle, acquire("queued, perhaps"), 6);
    doomed.close();
    doomed.close();
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void slowWorkersHoldTheOwnerUpAndLoseNothing() throws Exception {
    int pairs = 100;
    try (SharedPort narrow = open(4, Limits.defaults())) {
      List<SocketPair> all = new ArrayList<>();
      for (int i = 0; i < pairs; i++) {
        SocketPair pair = pair();
        all.add(pair);
        narrow.receive(narrow.adopt(pair.giveNear()), 0, i);
      }
      all.forEach(pair -> pair.send(pair.far, "x"));
      Wait.until("the queue is full", () -> narrow.waiting() == 4);
      assertThat(narrow.post(pairs, 0)).isTrue();
      long late = narrow.adopt(pair().giveNear());
      assertThat(late).as("submits are served meanwhile").isPositive();
      narrow.shutdownOutput(late, pairs + 1);
      assertThat(narrow.waiting()).isEqualTo(4);
      untilOwnerWaitsForRoom(narrow);
      boolean[] seen = new boolean[pairs + 2];
      for (int i = 0; i < pairs + 2; i++) {
        assertThat(narrow.take(one, SOON)).isEqualTo(1);
        int token = (int) one.token(0);
        assertThat(seen[token]).isFalse();
        seen[token] = true;
        if (token < pairs) {
          assertThat(text()).isEqualTo("x");
        }
      }
      assertThat(narrow.inFlight()).isZero();
    }
  }

  /** It sleeps at the lock, so it neither spins nor takes more from the port below. */
  private static void untilOwnerWaitsForRoom(SharedPort narrow) {
    untilOwnerRests();
    assertThat(narrow.waiting()).isEqualTo(4);
  }

  /** The seed's race is there: the next receive is submitted before this one is handled. The turnstile keeps its order. */
  @Test
  void turnstileKeepsTheOrderOfEachConnectionWithoutALock() throws Exception {
    int pairs = 40;
    byte[] bytes = Bytes.pattern(20_000, 3);
    SharedPort small = use(open(256, Limits.defaults().withBufferBytes(64)));
    InOrder[] connections = new InOrder[pairs];
    AtomicInteger finished = new AtomicInteger();
    try (Workers workers = new Workers(small, WORKERS, 4, (done, i) -> {
      connections[(int) done.token(i)].landed(small, done, i, finished);
    })) {
      List<SocketPair> all = new ArrayList<>();
      for (int i = 0; i < pairs; i++) {
        SocketPair pair = pair();
        all.add(pair);
        connections[i] = new InOrder();
        small.receive(small.adopt(pair.giveNear()), 0, i);
      }
      all.forEach(pair -> pair.send(pair.far, bytes));
      all.forEach(SocketPair::closeFar);
      Wait.until("every connection has ended", () -> finished.get() == pairs);
      workers.untilIdle();
    }
    for (InOrder connection : connections) {
      assertThat(connection.overlaps).hasValue(0);
      assertThat(connection.received.toArray()).isEqualTo(bytes);
    }
  }

  /** The read side of one connection; plain fields, because the turnstile publishes them. */
  private static final class InOrder {
    private static final int LANDED = 1;

    final AtomicInteger overlaps = new AtomicInteger();
    final Bytes received = new Bytes();
    private final AtomicInteger inside = new AtomicInteger();
    private final Turnstile input = new Turnstile();
    private Buffer landed;
    private int result;

    void landed(SharedPort port, Completions done, int i, AtomicInteger finished) {
      landed = done.buffer(i);
      result = done.result(i);
      long handle = done.handle(i);
      if (input.enter(LANDED)) {
        do {
          assertThat(input.take()).isEqualTo(LANDED);
          handle(port, handle, done.token(i), finished);
        } while (!input.leave());
      }
    }

    private void handle(SharedPort port, long handle, long token, AtomicInteger finished) {
      overlaps.addAndGet(inside.getAndIncrement());
      Buffer buffer = landed;
      if (result <= 0) {
        assertThat(result).isZero();
        finished.incrementAndGet();
      } else {
        assertThat(port.receive(handle, 0, token)).isPositive();
        received.append(buffer.copyOut());
        buffer.release();
      }
      inside.getAndDecrement();
    }
  }
}
