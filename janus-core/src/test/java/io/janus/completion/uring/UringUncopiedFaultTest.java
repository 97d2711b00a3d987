package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.completion.Operation;
import io.janus.contract.Bytes;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.linux.Uring;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A kernel that does not pin more memory for this user: its uncopied sends end with ENOBUFS. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringUncopiedFaultTest extends UringTest {
  private static final int NO_SUCH_GROUP = 77;

  private final AtomicInteger refused = new AtomicInteger();

  @Override
  int zeroCopyBytes() {
    return 1;
  }

  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  /** A receive that names a group of buffers which nobody has registered ends with the same error. */
  private void refuse(UringEntries.Entry entry) {
    if (entry.opcode() == Uring.OP_SEND_ZC || entry.opcode() == Uring.OP_SENDMSG_ZC) {
      entry.setOpcode(Uring.OP_RECV);
      entry.addFlag(Uring.SQE_BUFFER_SELECT);
      entry.setBufferGroup(NO_SUCH_GROUP);
      refused.incrementAndGet();
    }
  }

  @Test
  void refusedSendGoesItsSecondWayCopiedAndTheNextOneIsTriedAgain() throws Exception {
    Pair pair = pair();
    FaultSeam.install((function, arguments) -> {
      if (function.equals("io_uring_enter")) {
        UringEntries.forEach(this::refuse);
      }
      return FaultSeam.Fault.PASS;
    });
    byte[] bytes = Bytes.pattern(BUFFER_BYTES, 5);
    for (int i = 0; i < 10; i++) {
      assertThat(port.send(pair.handle(), acquire().copyIn(bytes), i)).isPositive();
      Done sent = next(Operation.SEND, i);
      assertThat(sent.result()).isEqualTo(BUFFER_BYTES);
      assertThat(read(pair.far(), BUFFER_BYTES)).isEqualTo(bytes);
      Buffer[] both = {sent.buffer().clear().copyIn(bytes), acquire().copyIn(bytes)};
      assertThat(port.sendAll(pair.handle(), both, 2, i)).isPositive();
      assertThat(next(Operation.SEND, i).result()).isEqualTo(2 * BUFFER_BYTES);
      assertThat(read(pair.far(), 2 * BUFFER_BYTES)).startsWith(bytes).endsWith(bytes);
      both[0].release();
      both[1].release();
    }
    assertThat(refused.get()).as("uncopied tries").isEqualTo(20);
  }
}
