package io.janus.emulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.BufferPool;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.contract.Wait;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Poller;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readiness that nobody waits for any more takes its place in the poller's batch, and brings no completion. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PollingPortUnwantedTest {
  /** Several times what one look tries. */
  private static final int UNWANTED = 60;

  private final Counters counters = new Counters();
  private final List<Socket> peers = new ArrayList<>();

  /** Two that bring nothing say that there is nothing: by that a manager knows who was silent in time. */
  @Test
  void atMostOneAwaitIsEmptyAlthoughSomethingIsBehindWhatNobodyWants() throws Exception {
    try (Sockets sockets = Sockets.open(counters);
        BufferPool pool = new BufferPool(64, 1 << 14);
        ServerSocket server = new ServerSocket(0, 2 * UNWANTED);
        PollingPort port = new PollingPort(Poller.open(256, counters), sockets, pool,
            Limits.defaults(), counters, true)) {
      Address at = new Address.Ipv4(new byte[] {127, 0, 0, 1}, server.getLocalPort());
      Completions out = new Completions(256);
      for (int i = 0; i < UNWANTED; i++) {
        long handle = connect(port, sockets, server, at, out);
        assertThat(port.cancel(port.receive(handle, 0, i))).isTrue();
        await(port, out, Operation.RECEIVE);
      }
      long wanted = connect(port, sockets, server, at, out);
      assertThat(port.receive(wanted, 0, UNWANTED)).isPositive();
      for (Socket peer : peers) {
        peer.getOutputStream().write(1);
      }
      int empty = 0;
      while (port.await(out, TimeUnit.SECONDS.toNanos(20)) == 0) {
        empty++;
      }
      assertThat(empty).as("awaits that brought nothing").isLessThanOrEqualTo(1);
      assertThat(out.token(0)).isEqualTo(UNWANTED);
      assertThat(out.result(0)).isEqualTo(1);
      out.buffer(0).release();
    } finally {
      for (Socket peer : peers) {
        peer.close();
      }
    }
  }

  private long connect(
      PollingPort port, Sockets sockets, ServerSocket server, Address at, Completions out)
      throws Exception {
    long handle = port.adopt(sockets.open(at));
    assertThat(port.connect(handle, at, 0)).isPositive();
    peers.add(server.accept());
    await(port, out, Operation.CONNECT);
    return handle;
  }

  private static void await(PollingPort port, Completions out, Operation operation) {
    Wait.until(operation + " has ended",
        () -> port.await(out, TimeUnit.SECONDS.toNanos(1)) == 1 && out.operation(0) == operation,
        () -> {});
  }
}
