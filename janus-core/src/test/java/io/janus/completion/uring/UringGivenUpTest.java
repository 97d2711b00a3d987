package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.completion.Operation;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.linux.Uring;
import io.janus.limit.Counter;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A kernel that answers EAGAIN instead of waiting for the socket. Linux 6.18 does so where a socket is told to be ready again and again
 * and takes or has nothing; a flag of the message makes it happen at will.
 */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@ParameterizedClass(name = "direct {0}, zero-copy {1}")
@CsvSource({"false, 0", "false, 1", "true, 0", "true, 1"})
class UringGivenUpTest extends UringTest {
  private static final int DONT_WAIT = 0x40;
  private static final int BUFFERS = 16;
  private static final int LARGE = 1 << 20;
  private static final Set<Integer> SENDS =
      Set.of(Uring.OP_SEND, Uring.OP_SENDMSG, Uring.OP_SEND_ZC, Uring.OP_SENDMSG_ZC);

  @Parameter(1) int zeroCopy;

  private final AtomicInteger left = new AtomicInteger();

  @Override
  int zeroCopyBytes() {
    return zeroCopy;
  }

  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  /** So many entries of these kinds do not wait for their socket. */
  private void giveUp(int times, Set<Integer> opcodes) {
    left.set(times);
    FaultSeam.install((function, arguments) -> {
      if (function.equals("io_uring_enter")) {
        UringEntries.forEach(entry -> {
          if (opcodes.contains(entry.opcode()) && left.get() > 0
              && entry.addMessageFlag(DONT_WAIT)) {
            left.decrementAndGet();
          }
        });
      }
      return FaultSeam.Fault.PASS;
    });
  }

  @Test
  void sendIsSubmittedAgainAndNoByteIsLost() throws Exception {
    Pair pair = pair();
    Bytes wanted = new Bytes();
    ArrayDeque<Buffer> unsent = new ArrayDeque<>();
    for (int i = 0; i < BUFFERS; i++) {
      byte[] bytes = Bytes.pattern(LARGE, i);
      wanted.append(bytes);
      unsent.add(Buffer.over(Arena.global().allocate(LARGE)).copyIn(bytes));
    }
    // The first fills the socket, and those behind it find no room.
    giveUp(5, SENDS);
    submit(pair, unsent);
    pair.far().configureBlocking(false);
    ByteBuffer in = ByteBuffer.allocate(1 << 16);
    Bytes come = new Bytes();
    Wait.until("all has come", () -> {
      take(0);
      if (!waiting.isEmpty()) {
        assertThat(waiting.remove().result()).isPositive();
        submit(pair, unsent);
      }
      if (left.get() == 0) {
        UringUncopiedTest.readInto(pair.far(), in, come);
      }
      return port.inFlight() == 0 && come.size() == wanted.size();
    });
    assertThat(come.toArray()).isEqualTo(wanted.toArray());
    assertThat(counters.get(Counter.WOULD_BLOCKS)).isBetween(1L, 4L);
  }

  private void submit(Pair pair, ArrayDeque<Buffer> unsent) {
    unsent.removeIf(buffer -> buffer.readable() == 0);
    if (!unsent.isEmpty()) {
      Buffer[] all = unsent.toArray(Buffer[]::new);
      assertThat(port.sendAll(pair.handle(), all, all.length, 1)).isPositive();
    }
  }

  @Test
  void receiveIsSubmittedAgain() throws Exception {
    Pair pair = pair();
    Buffer own = acquire();
    giveUp(3, Set.of(Uring.OP_RECV));
    assertThat(port.receive(pair.handle(), own, 1)).isPositive();
    staysQuiet();
    long first = counters.get(Counter.WOULD_BLOCKS);
    // An entry that the kernel has taken long ago may have had one of the flags.
    assertThat(first).isBetween(1L, 3L);
    write(pair.far(), Bytes.of("own"));
    assertThat(next(Operation.RECEIVE, 1).bytes()).isEqualTo(Bytes.of("own"));
    giveUp(3, Set.of(Uring.OP_RECV));
    repeat(pair, 2);
    staysQuiet();
    assertThat(counters.get(Counter.WOULD_BLOCKS) - first).isBetween(1L, 3L);
    write(pair.far(), Bytes.of("picked"));
    assertThat(next(Operation.RECEIVE, 2).bytes()).isEqualTo(Bytes.of("picked"));
  }

  @Test
  void wishToEndIsHeardMeanwhile() throws Exception {
    Pair pair = pair();
    Buffer own = acquire();
    giveUp(Integer.MAX_VALUE, Set.of(Uring.OP_RECV));
    long operation = port.receive(pair.handle(), own, 1);
    assertThat(operation).isPositive();
    staysQuiet();
    port.cancel(operation);
    assertThat(next(Operation.RECEIVE, 1).result()).isEqualTo(ErrorCode.CANCELLED);
    own.release();
    FaultSeam.install(null);
    write(pair.far(), Bytes.of("kept"));
    repeat(pair, 2);
    assertThat(next(Operation.RECEIVE, 2).bytes()).isEqualTo(Bytes.of("kept"));
  }
}
