package io.janus.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.PortOptions;
import io.janus.completion.uring.UringOverKernel;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What seeds have found on the simulated ring, told in as few steps as it takes. */
class RingScenarioTest {
  private static final long RECEIVE = 1;
  private static final long SEND = 2;

  private final SimNetwork network =
      new SimNetwork(new Dice(1), new Trace(false), new Checks(), Faults.none());
  private final Counters counters = new Counters();
  private final SimSockets sockets = new SimSockets(network, counters);
  private final Completions batch = new Completions(8);

  /** By their tokens. */
  private final Map<Long, Integer> results = new HashMap<>();

  private BufferPool pool;
  private CompletionPort port;
  private long handle;
  private SimSocket far;

  @BeforeEach
  void connectAPair() throws Exception {
    assumeTrue(SystemName.LINUX, "the port above the ring is Linux's");
    pool = new BufferPool(64, BufferPool.bytesOf(64, 8));
    SimRing ring = new SimRing(network, new SimGuard(network.checks, pool, 8));
    port =
        UringOverKernel.open(
            ring, sockets, pool, Limits.defaults(), counters,
            PortOptions.defaults().withZeroCopyBytes(1));
    Address any = SimSockets.addressOf(0);
    long listener = sockets.open(any);
    sockets.listen(listener, 1);
    long near = sockets.open(any);
    sockets.connect(near, Objects.requireNonNull(sockets.localAddress(listener)));
    far = Objects.requireNonNull(network.find(sockets.accept(listener)));
    handle = port.adopt(near);
  }

  @AfterEach
  void close() {
    if (port != null) {
      port.close();
      pool.close();
      network.checks.throwIfBroken();
    }
  }

  /** The socket tells its error once, to the send, whose end waits for the kernel to let the bytes go. */
  @Test
  void receiveBehindAnUncopiedSendThatHasMetAResetTellsTheResetAndNoOrderlyEnd() {
    assertThat(port.receive(handle, CompletionPort.REPEAT, RECEIVE)).isPositive();
    assertThat(port.await(batch, 0)).isZero();
    far.reset();
    Buffer buffer = Objects.requireNonNull(pool.acquire()).putInt(7);
    assertThat(port.send(handle, buffer, SEND)).isPositive();
    int ended = 0;
    while (ended < 2) {
      port.await(batch, CompletionPort.FOREVER);
      for (int i = 0; i < batch.count(); i++) {
        Integer before = results.put(batch.token(i), batch.result(i));
        if (before != null) {
          assertThat(batch.result(i)).as("told again").isEqualTo(before);
        }
        ended += batch.more(i) ? 0 : 1;
      }
    }
    assertThat(results).containsEntry(SEND, ErrorCode.CONNECTION_RESET)
        .containsEntry(RECEIVE, ErrorCode.CONNECTION_RESET);
    buffer.release();
  }

  @Test
  void receiveBehindTheFinOfAPeerWhoIsGoneAfterItTellsTheOrderlyEnd() {
    assertThat(port.receive(handle, CompletionPort.REPEAT, RECEIVE)).isPositive();
    assertThat(port.await(batch, 0)).isZero();
    far.shutdownOutput();
    while (!results.containsKey(RECEIVE)) {
      port.await(batch, CompletionPort.FOREVER);
      for (int i = 0; i < batch.count(); i++) {
        results.put(batch.token(i), batch.result(i));
      }
    }
    assertThat(results).containsEntry(RECEIVE, 0);
  }
}
