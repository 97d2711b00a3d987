package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.completion.Operation;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Peers that send urgent bytes and nothing else: each wakes a receive that finds nothing, and after many the kernel (6.18) gives the receive
 * to a worker, which waits inside it with a provided buffer in its hand.
 */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringUrgentTest extends UringTest {
  /** More than the kernel tries before it gives an operation to a worker. */
  private static final int URGENT_BYTES = 140;

  private static final int FEW = 8;

  @Override
  int poolBuffers() {
    return 64;
  }

  /** So that a few buffers are lent at most. */
  @Override
  Limits limits() {
    return Limits.defaults().withBatchEvents(FEW);
  }

  private Pair[] pairs;
  private long[] operations;

  private void urge(int count) throws IOException {
    pairs = pairs(count);
    operations = new long[count];
    for (int i = 0; i < count; i++) {
      pairs[i].far().socket().setTcpNoDelay(true);
      operations[i] = repeat(pairs[i], i);
    }
    for (int round = 0; round < URGENT_BYTES; round++) {
      for (Pair pair : pairs) {
        pair.far().socket().sendUrgentData(1);
      }
      take(TimeUnit.MILLISECONDS.toNanos(2));
      take(TimeUnit.MILLISECONDS.toNanos(1));
      dropAndGoOn();
    }
  }

  /** Where two urgent bytes come at once, TCP makes a plain one of the first. */
  private void dropAndGoOn() {
    while (!waiting.isEmpty()) {
      Done done = waiting.remove();
      done.bytes();
      if (!done.more()) {
        int i = (int) done.token();
        operations[i] = repeat(pairs[i], i);
      }
    }
  }

  @Test
  void takeNoBufferFromOthers() throws Exception {
    Pair innocent = pair();
    urge(2 * FEW);
    write(innocent.far(), new byte[] {1, 2, 3});
    repeat(innocent, 100);
    assertThat(next(Operation.RECEIVE, 100).bytes()).containsExactly(1, 2, 3);
    assertThat(kernelWorkers()).as("threads of the kernel").isLessThanOrEqualTo(FEW);
    // Nothing comes from anybody now, so nothing is asked either.
    Wait.until("the workers have given back what they had", () -> {
      long before = counters.get(Counter.WAIT_CALLS);
      take(TimeUnit.MILLISECONDS.toNanos(100));
      return counters.get(Counter.WAIT_CALLS) - before <= 2;
    });
  }

  /** Nobody waits for his turn behind those of whom nothing comes. */
  @Test
  void eachIsHeardByItself() throws Exception {
    urge(2 * FEW);
    for (int i = 2 * FEW - 1; i >= 0; i--) {
      write(pairs[i].far(), new byte[] {100});
      byte[] bytes;
      do {
        Done done = next();
        bytes = done.bytes();
        if (!done.more()) {
          repeat(pairs[(int) done.token()], done.token());
        }
        // A late urgent byte of another one is 1.
      } while (bytes[bytes.length - 1] != 100);
    }
  }

  @Test
  void cancelOfTheirReceiveSaysCancelled() throws Exception {
    urge(FEW);
    for (long operation : operations) {
      // Which may have an end on its way.
      port.cancel(operation);
    }
    for (int ended = 0; ended < FEW;) {
      Done done = next();
      if (done.result() > 0) {
        done.bytes();
      } else {
        assertThat(done.result()).isEqualTo(ErrorCode.CANCELLED);
      }
      ended += done.more() ? 0 : 1;
    }
  }

  /** Somebody else takes from the listener, each time before the ring looks. */
  @Test
  void acceptThatFindsNobodyAgainAndAgainGoesOn() throws Exception {
    assumeTrue(port.setUp().contains("DEFER_TASKRUN"), "the ring looks at every call");
    assertThat(port.accept(listener, 0, 7)).isPositive();
    take(0);
    for (int i = 0; i < 2 * URGENT_BYTES; i++) {
      SocketChannel far = SocketChannel.open(at);
      assertThat(sockets.closeSocket(sockets.accept(port.socket(listener)))).isZero();
      far.close();
      take(TimeUnit.MILLISECONDS.toNanos(1));
      take(0);
    }
    assertThat(waiting).isEmpty();
    use(SocketChannel.open(at));
    assertThat(next(Operation.ACCEPT, 7).result()).isZero();
  }

  @Test
  void lentSocketDoesNotWait() throws Exception {
    Pair pair = pair();
    long socket = direct ? port.lend(pair.handle()) : port.socket(pair.handle());
    assertThat(socket).isNotNegative();
    Buffer buffer = acquire();
    assertThat(sockets.receive(socket, buffer)).isEqualTo(ErrorCode.WOULD_BLOCK);
    buffer.release();
    if (direct) {
      sockets.closeSocket(socket);
    }
  }

  private static long kernelWorkers() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.filter(UringUrgentTest::isKernelWorker).count();
    }
  }

  private static boolean isKernelWorker(Path task) {
    try {
      return Files.readString(task.resolve("comm")).startsWith("iou-wrk");
    } catch (IOException e) {
      // It has ended meanwhile.
      return false;
    }
  }
}
