package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Lives and ends of descriptors and operations of a ring, on descriptors of the process and on the ring's own. */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringPortTest extends UringTest {
  private static final long LONG_WAIT = TimeUnit.SECONDS.toNanos(15);

  @Test
  void lateCompletionsOfADescriptorMeetNoSuccessor() throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 1_000; round++) {
      Pair pair = pair();
      long operation = repeat(pair, round);
      byte[] mine = ByteBuffer.allocate(4).putInt(round).array();
      write(pair.far(), mine);
      if (random.nextBoolean()) {
        take(0);
      }
      port.cancel(operation);
      Bytes come = new Bytes();
      boolean more = true;
      while (more) {
        Done done = next(Operation.RECEIVE, round);
        more = done.more();
        if (done.result() > 0) {
          come.append(done.bytes());
        } else {
          assertThat(done.result()).isEqualTo(ErrorCode.CANCELLED);
        }
      }
      assertThat(come.toArray()).as("bytes of this connection or none")
          .isIn(mine, new byte[0]);
      port.close(pair.handle(), round);
      next(Operation.CLOSE, round);
      pair.far().close();
    }
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void closedListenerRefusesAlthoughAcceptsWereInFlight() throws Exception {
    for (int flags : new int[] {0, CompletionPort.REPEAT}) {
      long socket = listeningSocket(16);
      InetSocketAddress there = addressOf(socket);
      long doomed = port.adopt(socket);
      long operation = port.accept(doomed, flags, 5);
      staysQuiet();
      assertThat(port.cancel(operation)).isTrue();
      Done last = next(Operation.ACCEPT, 5);
      assertThat(last.result()).isEqualTo(ErrorCode.CANCELLED);
      assertThat(last.more()).isFalse();
      close(doomed);
      assertThatThrownBy(() -> SocketChannel.open(there).close())
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void repeatedReceiveThatEndsWithBytesLosesNone() throws Exception {
    Pair pair = pair();
    byte[] all = Bytes.pattern(40 * BUFFER_BYTES, 4);
    Thread writer = Thread.ofVirtual().start(() -> writeUnchecked(pair.far(), all));
    Bytes come = new Bytes();
    int endsWithBytes = 0;
    repeat(pair, 1);
    while (come.size() < all.length) {
      Done done = next(Operation.RECEIVE, 1);
      assertThat(done.result()).isPositive();
      come.append(done.bytes());
      if (!done.more()) {
        endsWithBytes++;
        repeat(pair, 1);
      }
    }
    writer.join();
    assertThat(come.toArray()).isEqualTo(all);
    assertThat(endsWithBytes).as("ends by the bound of bytes").isPositive();
  }

  @Test
  void cancelAgainstArrivalOnARepeatedReceiveKeepsEveryByteInOrder() throws Exception {
    int rounds = 20_000;
    Pair pair = pair();
    AtomicInteger done = new AtomicInteger();
    AtomicLong sent = new AtomicLong();
    Thread writer = Thread.ofPlatform().start(() -> writeUntil(pair.far(), done, rounds, sent));
    long got = 0;
    int cancelled = 0;
    boolean ended = false;
    while (!ended) {
      long operation = repeat(pair, 1);
      if ((done.get() & 3) == 0) {
        take(0);
      }
      if (done.get() < rounds) {
        port.cancel(operation);
      }
      boolean more = true;
      while (more) {
        Done part = next(Operation.RECEIVE, 1);
        more = part.more();
        if (part.result() > 0) {
          got = check(part.bytes(), got);
        } else if (part.result() == 0) {
          ended = true;
        } else {
          assertThat(part.result()).isEqualTo(ErrorCode.CANCELLED);
          cancelled++;
        }
      }
      done.incrementAndGet();
    }
    writer.join();
    assertThat(got).isEqualTo(sent.get()).isPositive();
    assertThat(cancelled).isPositive();
  }

  @Test
  void peersOfAcceptsAreTheirOwn() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(port.accept(listener, CompletionPort.WITH_PEER, i)).isPositive();
      SocketChannel far = use(SocketChannel.open(at));
      Wait.until("the accept ends", () -> port.await(batch, SHORT) > 0);
      assertThat(batch.peer(0)).isEqualTo(address(far));
      assertThat(batch.operation(0)).isEqualTo(Operation.ACCEPT);
    }
  }

  @Test
  void resetOnCloseResetsThePeer() throws Exception {
    Pair pair = pair();
    assertThat(port.close(pair.handle(), CompletionPort.RESET, 9)).isPositive();
    assertThat(next(Operation.CLOSE, 9).result()).isZero();
    assertThatThrownBy(() -> pair.far().read(ByteBuffer.allocate(1)))
        .isInstanceOf(java.io.IOException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void virtualThreadIsRefusedAndTheProbeWorksOnOneAllTheSame() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<String> refusal = new AtomicReference<>();
    Thread.ofVirtual().start(() -> {
      refusal.set(UringProbe.refusal());
      try {
        open(limits()).close();
      } catch (OsException | RuntimeException e) {
        thrown.set(e);
      }
    }).join();
    assertThat(thrown.get()).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("platform thread");
    assertThat(refusal.get()).isEmpty();
  }

  @Test
  void flushCallsTheKernelOnlyIfSomethingWaits() throws Exception {
    Pair pair = pair();
    take(0);
    long before = counters.get(Counter.WAIT_CALLS);
    port.flush();
    assertThat(counters.get(Counter.WAIT_CALLS)).isEqualTo(before);
    assertThat(port.send(pair.handle(), acquire().putByte((byte) 1), 1)).isPositive();
    port.flush();
    assertThat(counters.get(Counter.WAIT_CALLS)).isEqualTo(before + 1);
    assertThat(read(pair.far(), 1)).as("sent without an await").containsExactly(1);
    next(Operation.SEND, 1).buffer().release();
  }

  @Test
  void wakesOfManyThreadsAreNeverLost() throws Exception {
    int threads = 4;
    int rounds = 2_000;
    AtomicInteger[] asked = new AtomicInteger[threads];
    AtomicInteger[] answered = new AtomicInteger[threads];
    for (int t = 0; t < threads; t++) {
      AtomicInteger ask = asked[t] = new AtomicInteger();
      AtomicInteger answer = answered[t] = new AtomicInteger();
      Thread.ofPlatform().start(() -> {
        for (int i = 1; i <= rounds; i++) {
          int round = i;
          ask.set(i);
          port.wake();
          Wait.until("wake " + i + " was answered", () -> answer.get() >= round, Thread::yield);
        }
      });
    }
    int finished = 0;
    while (finished < threads) {
      long start = System.nanoTime();
      port.await(batch, LONG_WAIT);
      assertThat(System.nanoTime() - start).as("a wake was lost").isLessThan(LONG_WAIT);
      finished = 0;
      for (int t = 0; t < threads; t++) {
        answered[t].set(asked[t].get());
        finished += answered[t].get() == rounds ? 1 : 0;
      }
    }
  }

  @Test
  void postsKeepTheirOrderBetweenOtherCompletions() throws Exception {
    Pair pair = pair();
    batch = new io.janus.completion.Completions(3);
    int posted = 0;
    int seen = 0;
    repeat(pair, 1);
    while (seen < 3_000) {
      for (int i = 0; i < 5 && posted < 3_000; i++) {
        assertThat(port.post(7, posted++)).isTrue();
      }
      write(pair.far(), new byte[] {1});
      take(0);
      while (!waiting.isEmpty()) {
        Done done = waiting.remove();
        if (done.operation() == Operation.POST) {
          assertThat(done.result()).isEqualTo(seen++);
        } else {
          assertThat(done.result()).isPositive();
          done.bytes();
          if (!done.more()) {
            repeat(pair, 1);
          }
        }
      }
    }
  }

  private static long check(byte[] bytes, long from) {
    for (int i = 0; i < bytes.length; i++) {
      assertThat(bytes[i]).as("byte %d", from + i).isEqualTo((byte) ((from + i) % 251));
    }
    return from + bytes.length;
  }

  private static void writeUntil(SocketChannel far, AtomicInteger done, int rounds,
      AtomicLong sent) {
    SplittableRandom random = new SplittableRandom(11);
    int told = -1;
    while (done.get() < rounds) {
      if (done.get() == told) {
        Thread.onSpinWait();
        continue;
      }
      told = done.get();
      byte[] part = new byte[random.nextInt(1, 200)];
      for (int i = 0; i < part.length; i++) {
        part[i] = (byte) ((sent.get() + i) % 251);
      }
      writeUnchecked(far, part);
      sent.addAndGet(part.length);
    }
    try {
      far.shutdownOutput();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void writeUnchecked(SocketChannel far, byte[] bytes) {
    try {
      write(far, bytes);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Address address(SocketChannel far) throws java.io.IOException {
    InetSocketAddress local = (InetSocketAddress) far.getLocalAddress();
    return new Address.Ipv4(local.getAddress().getAddress(), local.getPort());
  }
}
