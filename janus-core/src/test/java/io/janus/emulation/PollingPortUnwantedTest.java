package io.janus.emulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.BufferPool;
import io.janus.completion.Completions;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readiness that nobody waits for any more takes its place in the poller's batch, and brings no completion. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PollingPortUnwantedTest {
  /** Several times what one look tries. */
  private static final int UNWANTED = 60;

  private static final long NOBODY = 99L << 32 | 77;

  /** Tells once of the socket registered last, behind many of which nobody knows. */
  private static final class CrowdedPoller implements Poller {
    private long wanted;
    private boolean told;

    @Override
    public long add(long socket, int interest, Trigger trigger, long token) {
      wanted = token;
      return 1;
    }

    @Override
    public int change(long registration, int interest) {
      return 0;
    }

    @Override
    public boolean remove(long registration) {
      return true;
    }

    @Override
    public int await(Ready out, long timeoutNanos) {
      out.clear();
      for (int i = 0; i < UNWANTED && !told; i++) {
        out.put(NOBODY, Ready.READ);
      }
      if (!told) {
        out.put(wanted, Ready.READ);
      }
      told = true;
      return out.count();
    }

    @Override
    public void wake() {
      // Nobody sleeps.
    }

    @Override
    public int abilities() {
      return 0;
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }

  /** Two that bring nothing say that there is nothing: by that a manager knows who was silent in time. */
  @Test
  void atMostOneAwaitIsEmptyAlthoughSomethingIsBehindWhatNobodyWants() throws Exception {
    Counters counters = new Counters();
    try (Sockets sockets = Sockets.open(counters);
        BufferPool pool = new BufferPool(64, 1 << 14);
        ServerSocket server = new ServerSocket(0);
        PollingPort port = new PollingPort(
            new CrowdedPoller(), sockets, pool, Limits.defaults(), counters, false)) {
      Address at = Address.of(new InetSocketAddress("127.0.0.1", server.getLocalPort()));
      long socket = sockets.open(at);
      sockets.connect(socket, at);
      try (Socket peer = server.accept()) {
        peer.getOutputStream().write(1);
        peer.shutdownOutput();
        long handle = port.adopt(socket);
        assertThat(port.receive(handle, 0, 5)).isPositive();
        Completions out = new Completions(256);
        int empty = 0;
        while (port.await(out, 0) == 0 && empty < UNWANTED) {
          empty++;
        }
        assertThat(empty).as("awaits that brought nothing").isLessThanOrEqualTo(1);
        assertThat(counters.get(Counter.STALE_EVENTS)).isEqualTo(UNWANTED);
        assertThat(out.token(0)).isEqualTo(5);
        assertThat(out.result(0)).isEqualTo(1);
        out.buffer(0).release();
      }
    }
  }
}
