package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.Connection;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.Handler;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import io.janus.socket.SystemLimits;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A full table of direct descriptors is told as that, wherever it is met, and not as the end of the process's descriptors. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UringFullTableTest {
  private static final int TABLE = 4;
  private static final int ENFILE = -23;

  /** Whoever waits is accepted when a connection ends, and not after the pause, which is longer than a test. */
  private static final Limits LIMITS =
      Limits.defaults()
          .withBlockedMillis(0)
          .withAcceptPauseMillis(120_000)
          .withPoolBytes(1 << 20);
  private static final String WORDS = "the ring's own table of direct descriptors is full";

  private final List<String> reports = new CopyOnWriteArrayList<>();
  private final List<Socket> clients = new ArrayList<>();
  private EventLoop loop;
  private ConnectionManager manager;

  @BeforeEach
  void openALoop() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    Refusal.skipIf(UringProbe.directRefusal(1));
    loop = new EventLoop("full", LIMITS, Clock.SYSTEM, (sentence, cause) -> reports.add(sentence));
    loop.start(made -> {
      Counters counters = new Counters();
      Sockets sockets = Sockets.open(counters);
      BufferPool pool = new BufferPool(LIMITS.bufferBytes(), LIMITS.poolBytes());
      manager =
          new CompletionConnectionManager(made, LIMITS, counters, sockets, pool,
              new ConnectionBudget(100),
              UringPort.open(sockets, pool, LIMITS, counters, TABLE, 0));
      return manager;
    });
  }

  @AfterEach
  void endIt() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    if (loop != null) {
      loop.stop();
      assertThat(loop.join(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void acceptingPausesWithTheTrueReasonAndTheConnectSaysTheSame() throws Exception {
    int number = listen();
    for (int i = 0; i < TABLE; i++) {
      assertEchoes(connect(number));
    }
    Wait.until("accepting pauses", () -> !reports.isEmpty());
    assertThat(reports.getFirst()).startsWith("accepting pauses: " + WORDS)
        .contains("more loops", "larger tables")
        .doesNotContain("EMFILE");
    Socket waiting = connect(number);
    OsError failure = failureOfConnect(number);
    assertThat(failure.kind()).isEqualTo(ErrorKind.OUT_OF_DESCRIPTORS);
    assertThat(failure.toString()).startsWith(WORDS).contains("more loops");
    clients.getFirst().close();
    assertEchoes(waiting);
  }

  @Test
  void kernelsAnswerIsOfTheTableOnlyIfThatIsFull() throws Exception {
    try (BufferPool pool = new BufferPool(64, 64 * 64)) {
      UringParts parts = new UringParts(new UringSystem(), pool, LIMITS, new Counters(), 1);
      try {
        assertThat(parts.direct.verdict(ENFILE)).as("the whole system's").isEqualTo(ENFILE);
        parts.direct.taken();
        assertThat(parts.direct.verdict(ENFILE)).isEqualTo(ErrorCode.TABLE_FULL);
        assertThat(parts.direct.verdict(-1)).isEqualTo(-1);
      } finally {
        parts.close();
      }
    }
  }

  @Test
  void tableThatIsLargerThanTheProcessMayHaveIsToldSo() throws Exception {
    long limit = SystemLimits.read().descriptors();
    assumeTrue(limit > 0 && limit < 1 << 20, "the limit of descriptors is above that of a table");
    Sockets sockets = Sockets.open(new Counters());
    try (BufferPool pool = new BufferPool(64, 64 * 64)) {
      assertThatThrownBy(
          () -> UringPort.open(sockets, pool, LIMITS, new Counters(), (int) limit + 1, 0))
          .isInstanceOf(OsException.class)
          .hasMessageContaining("a table may be as large as the limit of descriptors")
          .hasMessageContaining(String.valueOf(limit))
          .hasMessageNotContaining("has no descriptor left");
    } finally {
      sockets.close();
    }
  }

  private int listen() {
    AtomicReference<Address> at = new AtomicReference<>();
    loop.execute(() -> {
      Sockets sockets = Sockets.open(new Counters());
      Address any = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
      long socket = sockets.open(any);
      assertThat(sockets.bind(socket, any)).isZero();
      assertThat(sockets.listen(socket, 16)).isZero();
      at.set(sockets.localAddress(socket));
      sockets.close();
      manager.listen(socket, Connection::send);
    });
    Wait.until("it listens", () -> at.get() != null);
    return at.get().port();
  }

  private Socket connect(int number) throws IOException {
    Socket client = new Socket("127.0.0.1", number);
    clients.add(client);
    return client;
  }

  private static void assertEchoes(Socket client) throws IOException {
    client.getOutputStream().write(7);
    assertThat(client.getInputStream().read()).isEqualTo(7);
  }

  private OsError failureOfConnect(int number) {
    AtomicReference<OsError> failure = new AtomicReference<>();
    Address to = new Address.Ipv4(new byte[] {127, 0, 0, 1}, number);
    loop.execute(() -> manager.connect(to, new Handler() {
      @Override
      public void onData(Connection connection, Buffer buffer) {
        // Nothing comes.
      }

      @Override
      public void onClosed(Connection connection) {
        failure.set(connection.failure());
      }
    }));
    Wait.until("the connect has failed", () -> failure.get() != null);
    return failure.get();
  }
}
