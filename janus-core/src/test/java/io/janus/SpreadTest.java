package io.janus;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.EngineNames;
import io.janus.contract.Footprint;
import io.janus.contract.FullMailbox;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Where one loop listens for all, every loop has its share of the connections. */
@ParameterizedClass(name = "{0}")
@MethodSource("engines")
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SpreadTest {
  private static final int LOOPS = 3;
  private static final int CONNECTIONS = 30;
  private static final int TASKS = 16;
  private static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);

  /** Counts by loop, and sends back. */
  private static final class CountingEcho implements Handler {
    final Map<EventLoop, Integer> byLoop = new ConcurrentHashMap<>();

    @Override
    public void onOpen(Connection connection) {
      byLoop.merge(connection.loop(), 1, Integer::sum);
    }

    @Override
    public void onData(Connection connection, Buffer buffer) {
      connection.send(buffer);
    }
  }

  @Parameter String engine;

  private final CountingEcho handler = new CountingEcho();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Footprint before;
  private Janus janus;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @BeforeEach
  void open() throws Exception {
    // What the JDK keeps from its first socket on is there before.
    try (var warm = new java.net.ServerSocket(0)) {
      new Socket("127.0.0.1", warm.getLocalPort()).close();
    }
    before = Footprint.now();
    janus = Janus.open(EngineOptions.defaults()
        .withEngine(engine)
        .withLoops(LOOPS)
        .withLimits(
            Limits.defaults().withBlockedMillis(0).withLingerMillis(50).withMailboxTasks(TASKS)));
  }

  @AfterEach
  void close() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    janus.close();
    assertThat(Footprint.now()).isEqualTo(before);
  }

  @Test
  void eachLoopServesAThirdOfTheConnections() throws Exception {
    Address at = janus.listen(ANY, handler);
    for (int i = 0; i < CONNECTIONS; i++) {
      echo(client(at));
    }
    assertThat(handler.byLoop).hasSize(LOOPS);
    assertThat(handler.byLoop.values()).containsOnly(CONNECTIONS / LOOPS);
    assertThat(janus.connections()).isEqualTo(CONNECTIONS);
    assertThat(janus.drain(java.time.Duration.ofSeconds(20))).isTrue();
    assertThat(janus.connections()).isZero();
  }

  @Test
  void connectionForALoopThatTakesNothingStaysWhereItWasAccepted() throws Exception {
    Address at = janus.listen(ANY, handler);
    CountDownLatch release = new CountDownLatch(1);
    for (EventLoop loop : janus.loops().subList(1, LOOPS)) {
      FullMailbox.fill(loop, release);
    }
    for (int i = 0; i < LOOPS; i++) {
      echo(client(at));
    }
    assertThat(handler.byLoop).hasSize(1).containsEntry(janus.loops().getFirst(), LOOPS);
    release.countDown();
  }

  private Socket client(Address at) throws Exception {
    Socket socket = new Socket("127.0.0.1", at.port());
    opened.push(socket);
    return socket;
  }

  private static void echo(Socket socket) throws Exception {
    socket.getOutputStream().write(7);
    assertThat(socket.getInputStream().read()).isEqualTo(7);
  }
}
