package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.contract.Wait;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.linux.Uring;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Completions that the kernel has dropped for want of memory. Here they come under a name that nobody looks for; and waits are
 * answered as the kernel does from then on.
 */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringLossTest extends UringTest {
  private static final int EBADR = 53;
  private static final int TO_SUBMIT = 1;
  private static final int MIN_COMPLETE = 2;

  private final AtomicInteger waits = new AtomicInteger();

  @Override
  int zeroCopyBytes() {
    return BUFFER_BYTES;
  }

  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  /** What is submitted from now on of these operations has no end that is told. */
  private void drop(Integer... opcodes) {
    Set<Integer> dropped = Set.of(opcodes);
    FaultSeam.install((function, arguments) -> {
      if (!function.equals("io_uring_enter")) {
        return FaultSeam.Fault.PASS;
      }
      UringEntries.forEach(entry -> {
        if (dropped.contains(entry.opcode())) {
          entry.setName(UringInstance.IGNORED);
        }
      });
      boolean waitsOnly = (int) arguments[TO_SUBMIT] == 0 && (int) arguments[MIN_COMPLETE] > 0;
      waits.addAndGet(waitsOnly ? 1 : 0);
      return waitsOnly ? -EBADR : FaultSeam.Fault.PASS;
    });
  }

  private void assertLossIsToldOnce() {
    assertThatThrownBy(() -> Wait.until("it is told", () -> port.await(batch, SHORT) > 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("dropped");
    int before = waits.get();
    for (int i = 0; i < 20; i++) {
      assertThat(port.await(batch, SHORT)).isZero();
    }
    assertThat(waits.get()).as("waits after a loss").isEqualTo(before);
  }

  @Test
  void everyBufferComesBackWhenThePortIsClosed() throws Exception {
    Pair sends = pair();
    Pair receives = pair();
    Pair idle = pair();
    repeat(idle, 1);
    take(0);
    drop(Uring.OP_SEND, Uring.OP_RECV);
    assertThat(port.send(sends.handle(), acquire().putInt(7), 2)).isPositive();
    assertThat(port.receive(receives.handle(), acquire(), 3)).isPositive();
    assertThat(port.receive(sends.handle(), 0, 4)).isPositive();
    port.flush();
    write(receives.far(), new byte[] {1});
    write(sends.far(), new byte[] {1});
    assertThat(read(sends.far(), 4)).as("sent, but not told").containsExactly(0, 0, 0, 7);
    assertLossIsToldOnce();
    port.close();
    assertThat(pool.outstanding()).isZero();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void completionsThatWereNotDroppedStillComeAfterALoss() throws Exception {
    Pair lost = pair();
    Pair good = pair();
    repeat(good, 1);
    take(0);
    drop(Uring.OP_SEND);
    assertThat(port.send(lost.handle(), acquire().putInt(7), 2)).isPositive();
    assertLossIsToldOnce();
    write(good.far(), new byte[] {9});
    assertThat(next(Operation.RECEIVE, 1).bytes()).containsExactly(9);
    port.wake();
    Wait.until("a wake ends the await", () -> port.await(batch, SHORT) == 0);
    port.close();
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void buffersOfAnUncopiedSendComeBackAfterItsConnectionWasCut() throws Exception {
    Pair pair = slowPair();
    Buffer[] many = new Buffer[16];
    for (int i = 0; i < many.length; i++) {
      many[i] = acquire().copyIn(new byte[BUFFER_BYTES]);
    }
    drop(Uring.OP_SENDMSG_ZC);
    assertThat(port.sendAll(pair.handle(), many, many.length, 2)).isPositive();
    assertLossIsToldOnce();
    assertThat(pool.outstanding()).as("buffers that the network may still have").isEqualTo(16);
    port.close();
    assertThat(pool.outstanding()).isZero();
    assertThatThrownBy(() -> read(pair.far(), 16 * BUFFER_BYTES)).hasMessageContaining("reset");
  }

  @Test
  void closeShutdownAndAcceptEndWithThePort() throws Exception {
    Pair closed = pair();
    Pair shut = pair();
    drop(Uring.OP_CLOSE, Uring.OP_NOP, Uring.OP_ACCEPT);
    assertThat(port.close(closed.handle(), 1)).isPositive();
    assertThat(port.shutdownOutput(shut.handle(), 2)).isPositive();
    long failed = port.adopt(sockets.open(new io.janus.socket.Address.Ipv4(new byte[4], 0)));
    assertThat(port.accept(failed, CompletionPort.REPEAT, 3)).isPositive();
    assertLossIsToldOnce();
    port.close();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void moreLostOperationsThanABatchHasRoomForEndWithThePort() throws Exception {
    Pair[] pairs = pairs(2 * batch.capacity() + 1);
    drop(Uring.OP_SEND);
    for (int i = 0; i < pairs.length; i++) {
      assertThat(port.send(pairs[i].handle(), acquire().putInt(i), i)).isPositive();
    }
    assertLossIsToldOnce();
    port.close();
    assertThat(pool.outstanding()).isZero();
    assertThat(port.inFlight()).isZero();
  }

  /** The kernel never had it, which it says in the words in which it says that a completion was lost. */
  @Test
  void shutdownBehindALostSendEndsOnceAndAfterIt() throws Exception {
    Pair shut = pair();
    Pair slow = pair();
    drop(Uring.OP_SEND);
    assertThat(port.send(shut.handle(), acquire().putInt(7), 1)).isPositive();
    assertThat(port.shutdownOutput(shut.handle(), 2)).isPositive();
    long foundLater = port.send(slow.handle(), acquire().putInt(8), 3);
    assertThat(foundLater).isPositive();
    assertLossIsToldOnce();
    AtomicInteger unanswered = new AtomicInteger(1);
    FaultSeam.install((function, arguments) -> {
      if (function.equals("io_uring_enter")) {
        UringEntries.forEach(entry -> leaveOpen(entry, foundLater, unanswered));
      }
      return FaultSeam.Fault.PASS;
    });
    port.close();
    assertThat(unanswered).as("questions to leave open").hasValue(0);
    assertThat(pool.outstanding()).isZero();
    assertThat(port.inFlight()).isZero();
  }

  /** So the end of the port takes one more turn, in which it does what waits. */
  private static void leaveOpen(UringEntries.Entry entry, long about, AtomicInteger left) {
    boolean asks =
        entry.opcode() == Uring.OP_ASYNC_CANCEL && UringInstance.isImmediate(entry.name())
            && entry.target() == about;
    if (asks && left.get() > 0) {
      left.decrementAndGet();
      entry.setOpcode(UringEntries.UNKNOWN_OPCODE);
    }
  }
}
