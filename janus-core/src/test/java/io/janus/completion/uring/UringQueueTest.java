package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.contract.Wait;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.SocketOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues that are too small for what comes: 64 submissions and 1,024 completions are the least that a ring has. */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringQueueTest extends UringTest {
  private static final int MANY = 600;

  @Override
  Limits limits() {
    return Limits.defaults().withBatchEvents(64);
  }

  @Override
  int poolBuffers() {
    return 8 * 1024;
  }

  @Test
  void moreSubmitsThanEntriesBetweenTwoAwaitsAllEnd() throws Exception {
    Pair[] pairs = pairs(MANY);
    BitSet received = new BitSet();
    BitSet sent = new BitSet();
    for (int i = 0; i < MANY; i++) {
      assertThat(port.receive(pairs[i].handle(), 0, i)).isPositive();
      assertThat(port.send(pairs[i].handle(), acquire().putInt(i), i)).isPositive();
    }
    take(0);
    for (int i = 0; i < MANY; i++) {
      assertThat(ByteBuffer.wrap(read(pairs[i].far(), 4)).getInt()).isEqualTo(i);
      write(pairs[i].far(), new byte[] {(byte) i});
    }
    for (int n = 0; n < 2 * MANY; n++) {
      Done done = next();
      int i = (int) done.token();
      if (done.operation() == Operation.SEND) {
        assertThat(done.result()).isEqualTo(4);
        sent.set(i);
        done.buffer().release();
      } else {
        assertThat(done.bytes()).containsExactly((byte) i);
        received.set(i);
      }
    }
    assertThat(sent.cardinality()).isEqualTo(MANY);
    assertThat(received.cardinality()).isEqualTo(MANY);
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void moreCompletionsThanTheQueueHoldsComeOnceEach() throws Exception {
    Pair pair = pair();
    int count = 5_000;
    for (int i = 0; i < count; i++) {
      assertThat(port.shutdownOutput(pair.handle(), i)).isPositive();
    }
    takeEachOnce(count);
    assertThat(port.inFlight()).isZero();
    assertSleeps();
  }

  @Test
  void repeatedOperationsThatAnOverflowEndsGoOnWhenTheyAreSubmittedAgain() throws Exception {
    Pair[] pairs = pairs(8);
    for (int i = 0; i < 8; i++) {
      repeat(pairs[i], i);
    }
    take(0);
    Pair busy = pair();
    for (int i = 0; i < 1_100; i++) {
      assertThat(port.shutdownOutput(busy.handle(), 99)).isPositive();
    }
    for (int i = 0; i < 8; i++) {
      write(pairs[i].far(), new byte[] {(byte) i, 1});
    }
    for (int i = 0; i < 200; i++) {
      assertThat(port.shutdownOutput(busy.handle(), 99)).isPositive();
    }
    int got = 0;
    int quiet = 0;
    while (got < 16 || quiet < 1_300) {
      Done done = next();
      if (done.operation() == Operation.SHUTDOWN) {
        quiet++;
        continue;
      }
      int i = (int) done.token();
      assertThat(done.result()).isPositive();
      got += done.bytes().length;
      if (!done.more()) {
        repeat(pairs[i], i);
      }
    }
    port.wake();
    Wait.until("the wake-up works after the overflow", () -> port.await(batch, SHORT) == 0);
    assertSleeps();
  }

  @Test
  void theRingsOwnCallsLeaveNothingBehindWhenTheQueueIsFull() throws Exception {
    Pair pair = pair();
    for (int i = 0; i < 1_500; i++) {
      assertThat(port.shutdownOutput(pair.handle(), i)).isPositive();
    }
    for (int i = 0; i < 10; i++) {
      long lent = port.lend(pair.handle());
      if (lent >= 0) {
        sockets.closeSocket(lent);
      }
    }
    takeEachOnce(1_500);
    // What was lent and never handed out would show among the descriptors after the test.
    staysQuiet();
  }

  @Test
  void moreGatheredSendsThanCellsBetweenTwoAwaitsKeepTheirOwnBytes() throws Exception {
    Pair[] pairs = pairs(300);
    List<Buffer> gathered = new ArrayList<>();
    for (int i = 0; i < pairs.length; i++) {
      Buffer[] parts = {acquire().putInt(i), acquire().putInt(-i), acquire().putInt(i * 31)};
      assertThat(port.sendAll(pairs[i].handle(), parts, 3, i)).isPositive();
      gathered.addAll(List.of(parts));
    }
    take(0);
    for (int i = 0; i < pairs.length; i++) {
      ByteBuffer come = ByteBuffer.wrap(read(pairs[i].far(), 12));
      assertThat(come.getInt()).isEqualTo(i);
      assertThat(come.getInt()).isEqualTo(-i);
      assertThat(come.getInt()).isEqualTo(i * 31);
    }
    for (int i = 0; i < pairs.length; i++) {
      assertThat(next().result()).isEqualTo(12);
    }
    gathered.forEach(Buffer::release);
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void ringClosedWithAThousandOperationsInFlightGivesEverythingBack() throws Exception {
    sockets.setOption(port.socket(listener), SocketOption.SEND_BUFFER_BYTES, 4096);
    Pair[] pairs = pairs(500);
    for (int i = 0; i < pairs.length; i++) {
      long operation = i % 2 == 0 ? port.receive(pairs[i].handle(), CompletionPort.REPEAT, i)
          : port.receive(pairs[i].handle(), acquire(), i);
      assertThat(operation).isPositive();
      sendMore(pairs[i].handle(), i);
    }
    fillUntilAllSendsWait(pairs);
    port.accept(listener, CompletionPort.REPEAT, 9_999);
    take(0);
    assertThat(port.inFlight()).isEqualTo(1_001);
    port.close();
    assertThat(pool.outstanding()).isZero();
    for (Pair pair : pairs) {
      ByteBuffer sink = ByteBuffer.allocate(1 << 16);
      while (pair.far().read(sink.clear()) >= 0) {
        // Until the FIN comes; a missing one ends the test by its timeout.
      }
    }
  }

  /** In the order of their submits, but for direct descriptors when the queue is full: then a thread of the kernel shuts them down. */
  private void takeEachOnce(int count) {
    BitSet come = new BitSet();
    for (int i = 0; i < count; i++) {
      Done done = next();
      assertThat(done.operation()).isEqualTo(Operation.SHUTDOWN);
      assertThat(done.result()).isZero();
      assertThat(done.more()).isFalse();
      assertThat(direct || done.token() == i).as("in order").isTrue();
      come.set((int) done.token());
    }
    assertThat(come.cardinality()).isEqualTo(count);
  }

  private void fillUntilAllSendsWait(Pair[] pairs) {
    int[] quiet = new int[1];
    Wait.until("all sends wait for room", () -> {
      quiet[0] = take(SHORT) == 0 ? quiet[0] + 1 : 0;
      while (!waiting.isEmpty()) {
        Done done = waiting.remove();
        assertThat(done.operation()).isEqualTo(Operation.SEND);
        assertThat(done.result()).isPositive();
        done.buffer().release();
        sendMore(pairs[(int) done.token()].handle(), (int) done.token());
      }
      return quiet[0] == 10;
    });
  }

  private void sendMore(long handle, int token) {
    Buffer buffer = acquire();
    assertThat(port.send(handle, buffer.copyIn(new byte[buffer.capacity()]), token)).isPositive();
  }

  /** Waits sleep, as they do not while the kernel says that completions wait in it. */
  private void assertSleeps() throws IOException {
    long calls = counters.get(Counter.WAIT_CALLS);
    long start = System.nanoTime();
    Wait.until("a while is over", () -> {
      take(SHORT);
      return System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(50);
    });
    assertThat(counters.get(Counter.WAIT_CALLS) - calls).as("calls in 50 ms").isLessThan(30);
    assertThat(waiting).isEmpty();
  }
}
