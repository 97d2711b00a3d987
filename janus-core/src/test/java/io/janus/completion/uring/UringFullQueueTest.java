package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.FaultSeam;
import io.janus.limit.Limits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A submission queue that is full and a kernel that takes nothing from it: what has to be submitted by the port itself waits. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringFullQueueTest extends UringTest {
  private static final int EAGAIN = 11;
  private static final int TO_SUBMIT = 1;

  /** Of the pool's eight buffers the ring has four. */
  private static final int LENT = 4;

  @Override
  int poolBuffers() {
    return 2 * LENT;
  }

  @Override
  Limits limits() {
    return Limits.defaults().withBatchEvents(64);
  }

  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  private static void takeNothing() {
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter")
        && (int) arguments[TO_SUBMIT] > 0 ? -EAGAIN : FaultSeam.Fault.PASS);
  }

  /** Fills the queue with operations that end as soon as they are taken; answers how many. */
  private int fill(Pair pair) {
    int submitted = 0;
    while (port.shutdownOutput(pair.handle(), 100) > 0) {
      submitted++;
    }
    return submitted;
  }

  @Test
  void receiveThatFoundTheRingOfBuffersEmptyIsNotToldSo() throws Exception {
    Pair busy = pair();
    Pair[] pairs = pairs(LENT + 1);
    for (Pair pair : pairs) {
      write(pair.far(), new byte[] {1, 2});
    }
    for (int i = 0; i <= LENT; i++) {
      repeat(pairs[i], i);
    }
    batch = new Completions(1);
    Wait.until("the first has come", () -> take(SHORT) == 1);
    takeNothing();
    int shutdowns = fill(busy);
    assertThat(shutdowns).isPositive();
    List<Done> come = new ArrayList<>();
    Wait.until("all have come that have a buffer", () -> {
      take(SHORT);
      while (!waiting.isEmpty()) {
        Done done = waiting.remove();
        assertThat(done.result()).isEqualTo(2);
        come.add(done);
        done.buffer().release();
      }
      return come.size() == LENT;
    });
    assertThat(take(SHORT)).as("the fifth waits").isZero();
    FaultSeam.install(null);
    batch = new Completions(64);
    Wait.until("everything has come", () -> {
      take(SHORT);
      return waiting.size() == shutdowns + 1;
    });
    waiting.stream()
        .filter(done -> done.operation() == Operation.RECEIVE)
        .forEach(done -> assertThat(done.result()).isEqualTo(2));
  }

  @Test
  void cancelThatFindsNoRoomIsMadeLater() throws Exception {
    Pair busy = pair();
    Pair pair = pair();
    Buffer mine = acquire();
    long operation = port.receive(pair.handle(), mine, 1);
    take(0);
    takeNothing();
    int shutdowns = fill(busy);
    assertThat(port.cancel(operation)).isTrue();
    assertThat(port.cancel(operation)).as("a second wish").isFalse();
    assertThat(take(SHORT)).isZero();
    FaultSeam.install(null);
    Wait.until("everything has come", () -> {
      take(SHORT);
      return waiting.size() == shutdowns + 1;
    });
    assertThat(waiting).filteredOn(done -> done.operation() == Operation.RECEIVE)
        .singleElement()
        .satisfies(done -> assertThat(done.result()).isEqualTo(ErrorCode.CANCELLED));
  }

  @Test
  void shutdownBehindASendIsMadeLaterAndInOrder() throws Exception {
    Pair busy = pair();
    Pair pair = pair();
    assertThat(port.send(pair.handle(), acquire().putInt(7), 1)).isPositive();
    assertThat(port.shutdownOutput(pair.handle(), 2)).isPositive();
    port.flush();
    takeNothing();
    int shutdowns = fill(busy);
    Wait.until("the send has ended", () -> take(SHORT) == 1);
    waiting.remove().buffer().release();
    assertThat(take(SHORT)).as("the shutdown waits").isZero();
    FaultSeam.install(null);
    assertThat(read(pair.far(), 4)).containsExactly(0, 0, 0, 7);
    Wait.until("everything has come", () -> {
      take(SHORT);
      return waiting.size() == shutdowns + 1;
    });
    assertThat(waiting).filteredOn(done -> done.token() == 2)
        .singleElement()
        .satisfies(done -> assertThat(done.result()).isZero());
    assertThat(read(pair.far(), 1)).as("the end").isEmpty();
  }
}
