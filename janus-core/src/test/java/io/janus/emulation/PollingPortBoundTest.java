package io.janus.emulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.contract.Wait;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Poller;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What has ended and waits for an await is bounded, although a repeated accept brings connections without a new submit. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PollingPortBoundTest {
  private static final int BATCH = 16;
  private static final int CLIENTS = 100;
  private static final int STEPS = 200;
  private static final Limits LIMITS = Limits.defaults().withBatchEvents(BATCH);

  /** By flushes, where operations wait for readiness first; by awaits that take one at a time, where they do not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void connectionsStayInTheBacklogWhileABatchOfThemWaits(boolean tryFirst) throws Exception {
    Counters counters = new Counters();
    List<Socket> clients = new ArrayList<>();
    try (Sockets sockets = Sockets.open(counters); BufferPool pool = new BufferPool(64, 1 << 12)) {
      Address any = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
      long socket = sockets.open(any);
      assertThat(sockets.bind(socket, any)).isZero();
      assertThat(sockets.listen(socket, 2 * CLIENTS)).isZero();
      Address at = sockets.localAddress(socket);
      try (PollingPort port =
          new PollingPort(Poller.open(BATCH, counters), sockets, pool, LIMITS, counters,
              tryFirst)) {
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(new Socket("127.0.0.1", at.port()));
        }
        assertThat(port.accept(port.adopt(socket), CompletionPort.REPEAT, 1)).isPositive();
        Completions one = new Completions(1);
        int[] taken = new int[1];
        for (int i = 0; i < STEPS && taken[0] < CLIENTS / 2; i++) {
          if (tryFirst) {
            taken[0] += port.await(one, 0);
          } else {
            assertThat(port.flush()).isTrue();
          }
          assertThat(accepted(counters)).as("accepted after step %d", i)
              .isLessThanOrEqualTo(taken[0] + BATCH);
        }
        assertThat(accepted(counters)).isGreaterThanOrEqualTo(BATCH - 1);
        Wait.until("all have come", () -> taken[0] == CLIENTS,
            () -> taken[0] += port.await(one, 1_000_000));
      }
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  private static long accepted(Counters counters) {
    // An accept that found nobody may be among them.
    return Math.max(0, counters.get(Counter.ACCEPT_CALLS) - 1);
  }
}
