package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers that the kernel picks, from a pool that is far too small: eight, of which the ring has four at a time. */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringBufferTest extends UringTest {
  private static final int POOL = 8;
  private static final int LENT = 4;

  @Override
  int poolBuffers() {
    return POOL;
  }

  @Override
  Limits limits() {
    return Limits.defaults().withBatchEvents(64);
  }

  @Test
  void emptyPoolUnderLoadLosesAndReordersNoByteAndDoesNotSpin() throws Exception {
    int connections = 40;
    byte[][] sent = new byte[connections][];
    Bytes[] come = new Bytes[connections];
    Pair[] pairs = pairs(connections);
    for (int i = 0; i < connections; i++) {
      byte[] mine = sent[i] = Bytes.pattern(60_000, i);
      come[i] = new Bytes();
      SocketChannel far = pairs[i].far();
      Thread.ofVirtual().start(() -> {
        try {
          write(far, mine);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      repeat(pairs[i], i);
    }
    Deque<Buffer> held = new ArrayDeque<>();
    Deque<Integer> starved = new ArrayDeque<>();
    int left = connections * 60_000;
    int completions = 0;
    int noBuffer = 0;
    long calls = counters.get(Counter.WAIT_CALLS);
    while (left > 0) {
      if (waiting.isEmpty() && (held.size() == POOL || !starved.isEmpty())) {
        // Nothing can come before buffers go home.
        held.forEach(Buffer::release);
        held.clear();
        starved.forEach(i -> repeat(pairs[i], i));
        starved.clear();
      }
      Done done = next();
      completions++;
      int i = (int) done.token();
      if (done.result() > 0) {
        come[i].append(done.buffer().copyOut());
        left -= done.result();
        held.add(done.buffer());
        if (!done.more()) {
          repeat(pairs[i], i);
        }
      } else {
        assertThat(done.result()).isEqualTo(ErrorCode.NO_BUFFER);
        assertThat(done.more()).isFalse();
        starved.add(i);
        noBuffer++;
      }
    }
    held.forEach(Buffer::release);
    for (int i = 0; i < connections; i++) {
      assertThat(come[i].toArray()).isEqualTo(sent[i]);
    }
    assertThat(noBuffer).as("ends for want of a buffer").isPositive();
    assertThat(counters.get(Counter.WAIT_CALLS) - calls).as("enters for %d ends", completions)
        .isLessThan(4L * completions);
  }

  @Test
  void emptyPoolIsToldOnceAndThenNothingMoves() throws Exception {
    Pair pair = pair();
    Buffer[] taken = new Buffer[POOL];
    for (int i = 0; i < POOL; i++) {
      taken[i] = acquire();
    }
    write(pair.far(), new byte[] {5, 6, 7});
    repeat(pair, 1);
    Done done = next(Operation.RECEIVE, 1);
    assertThat(done.result()).isEqualTo(ErrorCode.NO_BUFFER);
    assertThat(done.more()).isFalse();
    long calls = counters.get(Counter.WAIT_CALLS);
    staysQuiet();
    assertThat(counters.get(Counter.WAIT_CALLS) - calls).isLessThanOrEqualTo(4);
    for (Buffer buffer : taken) {
      buffer.release();
    }
    repeat(pair, 2);
    assertThat(next(Operation.RECEIVE, 2).bytes()).containsExactly(5, 6, 7);
  }

  @Test
  void receiveThatIsCancelledWhileItsWantOfABufferIsOnTheWayEnds() throws Exception {
    Pair starved = starveTheLast();
    long operation = lastOperation;
    port.cancel(operation);
    batch = new Completions(64);
    Wait.until("the receive has ended", () -> {
      take(SHORT);
      return waiting.stream().anyMatch(done -> done.token() == LENT && !done.more());
    });
    releaseWaiting();
    close(starved.handle());
  }

  @Test
  void ringIsClosedWhileAWantOfABufferIsOnTheWay() throws Exception {
    starveTheLast();
    releaseWaiting();
    port.close();
    assertThat(pool.outstanding()).isZero();
  }

  private long lastOperation;

  /** Five receives of which four have taken the ring's buffers; the fifth has ended for want of one, which nobody has heard yet. */
  private Pair starveTheLast() throws IOException {
    Pair[] pairs = pairs(LENT + 1);
    for (Pair pair : pairs) {
      write(pair.far(), new byte[] {1, 2});
    }
    for (int i = 0; i <= LENT; i++) {
      lastOperation = repeat(pairs[i], i);
    }
    batch = new Completions(1);
    Wait.until("the first has come", () -> take(SHORT) == 1);
    return pairs[LENT];
  }
}
