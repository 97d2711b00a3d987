package io.janus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.contract.EngineNames;
import io.janus.contract.Footprint;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.SystemVersion;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that connect and go, as fast as one thread can. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ConnectStormTest {
  private static final int STORM = 10_000;
  private static final int STORM_OPEN = 2_000;
  private static final int LOOPS = 3;

  /**
   * Of so many connects one is ended in order, and the others by a reset, at any stage of the server's side of them. On Windows few are:
   * whoever ends a connection in order keeps its port for minutes, and there are 16,384 for everybody.
   */
  private static final int IN_ORDER_EVERY = SystemName.WINDOWS ? 20 : 2;

  /** Whether a connection is accepted although it was reset before. Windows may let go of it without a word. */
  private static final boolean RESETS_ARE_ACCEPTED =
      !SystemName.WINDOWS || !SystemVersion.read().wine().isEmpty();

  @BeforeAll
  static void useTheSocketsOfTheJdkOnce() throws Exception {
    Footprint.useTheSocketsOfTheJdkOnce();
  }

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("engines")
  void tenThousandConnectsOpenedAndClosedAsFastAsTheyGoLeaveNothingBehind(String engine)
      throws Exception {
    Refusal.skipIf(Engine.valueOf(engine.toUpperCase(Locale.ROOT)).refusal());
    assumeTrue(SystemVersion.read().wine().isEmpty() || !engine.equals("iocp"),
        "Wine's own server crashes when many connections are reset while AcceptEx takes them");
    Footprint before = Footprint.now();
    Limits limits = Limits.defaults().withPoolBytes(16 << 20).withBlockedMillis(0);
    try (Janus janus = Janus.open(EngineOptions.defaults()
        .withEngine(engine)
        .withLoops(LOOPS)
        .withLimits(limits))) {
      Counting server = new Counting();
      Set<String> deaf = Footprint.now().lasting();
      Address at = janus.listen(new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0), server);
      connectAndGo(at.port());
      everyOneHasEnded(janus, server);
      assertThat(janus.counters().get(Counter.WAIT_CALLS))
          .as("waits, of which each must have a reason")
          .isLessThan(10 * STORM);
      int openedBefore = server.opened.get();
      try (Socket next = new Socket("127.0.0.1", at.port())) {
        Wait.until("the next one is open", () -> server.opened.get() > openedBefore);
        assertThat(next.isConnected()).isTrue();
      }
      Wait.until("it is closed", () -> server.closed.get() == server.opened.get());
      janus.stopListening();
      Wait.until("the descriptors are back", () -> Footprint.now().lasting().equals(deaf));
    }
    assertThat(Footprint.now()).isEqualTo(before);
  }

  private static void connectAndGo(int port) throws IOException {
    ArrayDeque<Socket> open = new ArrayDeque<>();
    for (int i = 1; i <= STORM; i++) {
      Socket client = new Socket("127.0.0.1", port);
      client.setSoLinger(i % IN_ORDER_EVERY != 0, 0);
      open.add(client);
      if (open.size() > STORM_OPEN) {
        open.remove().close();
      }
    }
    while (!open.isEmpty()) {
      open.remove().close();
    }
  }

  private static void everyOneHasEnded(Janus janus, Counting server) {
    int fewest = RESETS_ARE_ACCEPTED ? STORM : STORM / IN_ORDER_EVERY;
    Wait.until("every one was opened and closed", () -> server.opened.get() >= fewest
        && janus.counters().get(Counter.CLOSED) == janus.counters().get(Counter.ACCEPTED)
        && janus.connections() == 0);
    if (RESETS_ARE_ACCEPTED) {
      assertThat(server.opened.get()).isEqualTo(STORM);
      assertThat(server.closed.get()).isEqualTo(STORM);
      assertThat(janus.counters().get(Counter.ACCEPTED)).isEqualTo(STORM);
      assertThat(janus.counters().get(Counter.ACCEPT_FAILURES)).isZero();
    }
  }
}
