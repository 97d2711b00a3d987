package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.linux.Uring;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels that lack what came later: every verb works all the same, by another way, and what is lacking is told. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@ParameterizedClass(name = "direct {0} on {1}")
@MethodSource("kernels")
class UringOlderKernelTest extends UringTest {
  private static final int EINVAL = 22;
  private static final int SETUP_FLAGS_AT = 8;

  /** What one call of io_uring_register is asked by, and by how much. */
  private static final int REGISTER_OPCODE = 1;

  private static final int REGISTER_COUNT = 3;

  /** A release of Linux, by what it does not know. */
  enum Kernel {
    LINUX_6_16(Uring.OP_FIXED_FD_INSTALL + 1, false, "6.17"),
    LINUX_6_7(Uring.OP_FIXED_FD_INSTALL, false, "6.8"),
    LINUX_6_0(Uring.OP_SENDMSG_ZC, false, "6.1"),
    LINUX_5_19(Uring.OP_SEND_ZC, true, "6.0");

    private final int operations;
    private final boolean bare;
    private final String lacking;

    Kernel(int operations, boolean bare, String lacking) {
      this.operations = operations;
      this.bare = bare;
      this.lacking = lacking;
    }

    private void spoil(UringEntries.Entry entry) {
      boolean repeats =
          entry.opcode() == Uring.OP_RECV && (entry.how() & Uring.RECV_MULTISHOT) != 0;
      boolean late = entry.opcode() == Uring.OP_URING_CMD && bare;
      if (entry.opcode() >= operations || late || repeats && (bare || entry.most() != 0)) {
        entry.setOpcode(UringEntries.UNKNOWN_OPCODE);
      }
    }

    long before(String function, Object[] arguments) {
      switch (function) {
        case "io_uring_enter" -> UringEntries.forEach(this::spoil);
        case "io_uring_register" -> {
          if ((int) arguments[REGISTER_OPCODE] == Uring.REGISTER_PROBE) {
            arguments[REGISTER_COUNT] = operations;
          }
        }
        case "io_uring_setup" -> {
          MemorySegment params = MemorySegment.ofAddress((long) arguments[1]).reinterpret(120);
          boolean modern = (params.get(JAVA_INT, SETUP_FLAGS_AT) & Uring.SETUP_SINGLE_ISSUER) != 0;
          return bare && modern ? -EINVAL : FaultSeam.Fault.PASS;
        }
        default -> {
          // Every other call is as old as the hills.
        }
      }
      return FaultSeam.Fault.PASS;
    }
  }

  static Stream<Arguments> kernels() {
    return Stream.of(Kernel.values())
        .flatMap(kernel -> Stream.of(Arguments.of(false, kernel), Arguments.of(true, kernel)));
  }

  @Parameter(1) Kernel kernel;

  @Override
  void beforeOpening() {
    FaultSeam.install(kernel::before);
  }

  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  @Override
  int zeroCopyBytes() {
    return BUFFER_BYTES;
  }

  @Test
  void whatIsLackingIsTold() {
    assertThat(port.stepsDown()).contains("Linux " + kernel.lacking);
    boolean uncopied = kernel == Kernel.LINUX_6_16 || kernel == Kernel.LINUX_6_7 && !direct;
    assertThat((port.abilities() & CompletionPort.ZERO_COPY) != 0).isEqualTo(uncopied);
  }

  @Test
  void bytesComeInOrderWhetherAReceiveRepeatsOrNot() throws Exception {
    Pair[] pairs = pairs(3);
    Bytes[] come = {new Bytes(), new Bytes(), new Bytes()};
    for (int i = 0; i < 3; i++) {
      repeat(pairs[i], i);
    }
    byte[] all = Bytes.pattern(20 * BUFFER_BYTES, 6);
    for (int at = 0; at < all.length; at += BUFFER_BYTES) {
      for (int i = 0; i < 3; i++) {
        write(pairs[i].far(), Arrays.copyOfRange(all, at, at + BUFFER_BYTES));
        while (come[i].size() < at + BUFFER_BYTES) {
          Done done = next(Operation.RECEIVE, i);
          assertThat(done.result()).isPositive();
          assertThat(done.more()).as("the first is single; then only a bound would end it")
              .isEqualTo(!kernel.bare && come[i].size() > 0);
          come[i].append(done.bytes());
          if (!done.more()) {
            repeat(pairs[i], i);
          }
        }
      }
    }
    for (Bytes each : come) {
      assertThat(each.toArray()).isEqualTo(all);
    }
  }

  @Test
  void sendsAndTheirEndReachThePeer() throws Exception {
    Pair pair = pair();
    byte[] bytes = Bytes.pattern(BUFFER_BYTES, 3);
    assertThat(port.send(pair.handle(), acquire().copyIn(bytes), 1)).isPositive();
    take(0);
    assertThat(read(pair.far(), BUFFER_BYTES)).isEqualTo(bytes);
    Done sent = next(Operation.SEND, 1);
    assertThat(sent.result()).isEqualTo(BUFFER_BYTES);
    Buffer[] both = {sent.buffer().clear().copyIn(bytes), acquire().copyIn(bytes)};
    assertThat(port.sendAll(pair.handle(), both, 2, 2)).isPositive();
    take(0);
    assertThat(read(pair.far(), 2 * BUFFER_BYTES)).endsWith(bytes);
    assertThat(next(Operation.SEND, 2).result()).isEqualTo(2 * BUFFER_BYTES);
    both[0].release();
    both[1].release();
    assertThat(port.shutdownOutput(pair.handle(), 3)).isPositive();
    assertThat(next(Operation.SHUTDOWN, 3).result()).isZero();
    assertThat(pair.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void resetOnCloseEndsTheConnectionWhereTheKernelKnowsNoReset() throws Exception {
    Pair pair = pair();
    assertThat(port.close(pair.handle(), CompletionPort.RESET, 9)).isPositive();
    assertThat(next(Operation.CLOSE, 9).result()).isZero();
    if (kernel.bare && direct) {
      assertThat(pair.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    } else {
      assertThatThrownBy(() -> pair.far().read(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void acceptGivesTheConnectionAlsoWhereThePeerCannotBeAsked() throws Exception {
    assertThat(port.accept(listener, CompletionPort.WITH_PEER, 5)).isPositive();
    SocketChannel far = use(SocketChannel.open(at));
    Wait.until("the accept ends", () -> port.await(batch, SHORT) > 0);
    assertThat(batch.result(0)).isZero();
    boolean asked = !direct || kernel == Kernel.LINUX_6_16;
    assertThat(batch.peer(0) != null).isEqualTo(asked);
    long lent = port.lend(batch.handle(0));
    if (lent >= 0) {
      sockets.closeSocket(lent);
    }
    assertThat(lent >= 0).isEqualTo(direct && asked);
    far.close();
  }
}
