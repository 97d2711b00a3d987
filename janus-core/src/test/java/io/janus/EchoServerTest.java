package io.janus;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.Bytes;
import io.janus.contract.ChildJvm;
import io.janus.contract.EngineNames;
import io.janus.contract.Footprint;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.SystemVersion;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** An echo server and clients that behave badly: whatever they do, the others are served, and nothing of them is left. */
@ParameterizedClass(name = "{0}")
@MethodSource("engines")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EchoServerTest {
  private static final int LOOPS = 2;
  private static final int CLIENTS = 40;
  private static final Limits LIMITS = Limits.defaults()
      .withBlockedMillis(0)
      .withLingerMillis(200)
      .withOutboundBytes(64 << 10)
      .withPoolBytes(64 << 20);

  /** Sends back, and keeps what ended connections otherwise than in order. */
  private static final class Echo implements Handler {
    final List<OsError> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onData(Connection connection, Buffer buffer) {
      connection.send(buffer);
    }

    @Override
    public void onClosed(Connection connection) {
      OsError failure = connection.failure();
      if (failure != null) {
        failures.add(failure);
      }
    }
  }

  @Parameter String engine;

  private final Echo echo = new Echo();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Footprint before;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @BeforeEach
  void warm() throws Exception {
    String refusal = Engine.valueOf(engine.toUpperCase(Locale.ROOT)).refusal();
    Refusal.skipIf(refusal);
    // What the JDK and the engine keep from their first use on is there before.
    try (Janus janus = Janus.open(options(LIMITS));
        Socket client = client(janus.listen(any(), echo))) {
      assertServes(client);
    }
    before = Footprint.now();
  }

  @AfterEach
  void everythingHasComeBack() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    if (before != null) {
      assertThat(Footprint.now()).isEqualTo(before);
    }
  }

  @Test
  void clientsThatResetAreGoneAndTheOthersAreServed() throws Exception {
    Janus janus = open(LIMITS);
    Address at = janus.listen(any(), echo);
    Socket steady = use(client(at));
    for (int i = 0; i < CLIENTS; i++) {
      Socket rude = client(at);
      rude.getOutputStream().write(new byte[1000]);
      if (i % 2 == 0) {
        assertThat(rude.getInputStream().readNBytes(10)).hasSize(10);
      }
      rude.setSoLinger(true, 0);
      rude.close();
      assertServes(steady);
    }
    Wait.until("they are gone", () -> janus.connections() == 1);
    assertServes(steady);
    assertThat(echo.failures).allSatisfy(
        failure -> assertThat(failure.kind()).isIn(
            ErrorKind.CONNECTION_RESET, ErrorKind.CONNECTION_ABORTED, ErrorKind.BROKEN_PIPE));
  }

  /** A server at its limit has descriptors left for its own files, however many wait. */
  @Test
  void thoseBeyondTheLimitWaitWithTheSystem() throws Exception {
    int most = 5;
    int many = 300;
    Janus janus = open(LIMITS.withConnections(most));
    Address at = janus.listen(any(), echo);
    int before = Footprint.now().descriptors().size();
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      clients.add(use(client(at)));
      clients.getLast().getOutputStream().write(7);
    }
    // The end of each who was answered brings the next one in.
    Wait.until("all were served", () -> {
      clients.removeIf(EchoServerTest::endsIfAnswered);
      int ofTheServer = Footprint.now().descriptors().size() - before - clients.size();
      assertThat(ofTheServer).isLessThanOrEqualTo(most + (SystemName.WINDOWS ? 64 : LOOPS));
      return clients.isEmpty();
    });
  }

  private static boolean endsIfAnswered(Socket client) {
    try {
      boolean answered = client.getInputStream().available() > 0;
      if (answered) {
        client.close();
      }
      return answered;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** On io_uring each such byte is a try in vain, and after many a thread of the kernel has the receive. */
  @Test
  void clientsThatSendUrgentBytesOnlyKeepNobodyWaiting() throws Exception {
    Janus janus = open(LIMITS.withBatchEvents(8));
    Address at = janus.listen(any(), echo);
    Socket steady = use(client(at));
    assertServes(steady);
    List<Socket> urgent = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      urgent.add(use(client(at)));
      urgent.getLast().setTcpNoDelay(true);
    }
    for (int round = 0; round < 140; round++) {
      for (Socket client : urgent) {
        client.sendUrgentData(1);
      }
      // When it is served, those before it have been looked at: two at once would be one urgent byte and a plain one.
      assertServes(steady);
    }
    assertServes(steady);
    assertServes(use(client(at)));
    assertThat(echo.failures).isEmpty();
  }

  @Test
  void clientThatHasSaidAllIsAnsweredToTheLastByteAndThenToldTheEnd() throws Exception {
    Janus janus = open(LIMITS);
    Socket client = use(client(janus.listen(any(), echo)));
    byte[] bytes = Bytes.pattern(1_000_000, 11);
    Thread sender = Thread.ofPlatform().start(() -> {
      try {
        client.getOutputStream().write(bytes);
        client.shutdownOutput();
      } catch (IOException e) {
        // The reader below fails as well and tells.
      }
    });
    assertThat(client.getInputStream().readAllBytes()).isEqualTo(bytes);
    sender.join();
    Wait.until("it is gone", () -> janus.connections() == 0);
    assertThat(echo.failures).isEmpty();
  }

  @Test
  void clientThatDoesNotReadIsCutAfterTheWriteTimeAndTheOthersAreServed() throws Exception {
    Janus janus = open(LIMITS.withWriteMillis(1_000));
    Address at = janus.listen(any(), echo);
    Socket steady = use(client(at));
    Socket stuck = use(new Socket());
    stuck.setReceiveBufferSize(4096);
    stuck.connect(new InetSocketAddress("127.0.0.1", at.port()));
    Thread flood = Thread.ofPlatform().daemon().start(() -> {
      byte[] block = new byte[1 << 16];
      try {
        OutputStream out = stuck.getOutputStream();
        while (true) {
          out.write(block);
        }
      } catch (IOException cut) {
        // As it should be.
      }
    });
    Wait.until("it is cut", () -> {
      serves(steady);
      return !echo.failures.isEmpty() && janus.connections() == 1;
    });
    assertThat(echo.failures).hasSize(1);
    assertThat(echo.failures.getFirst().kind()).isEqualTo(ErrorKind.TIMED_OUT);
    assertServes(steady);
    Assumptions.assumeTrue(SystemVersion.read().wine().isEmpty() || engine.equals("iocp"),
        "Wine says that a short send was whole and goes on with it behind the close, so the peer is not told");
    assertThat(flood.join(Duration.ofSeconds(20))).as("the client was told").isTrue();
  }

  @Test
  void clientsOfAProcessThatIsKilledVanishWithoutATrace() throws Exception {
    Janus janus = open(LIMITS);
    Address at = janus.listen(any(), echo);
    Socket steady = use(client(at));
    Process clients = ChildJvm.start(
        VanishingClients.class, String.valueOf(at.port()), String.valueOf(CLIENTS));
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(clients.getInputStream()))) {
      String line = out.readLine();
      while (line != null && !line.contains(VanishingClients.ALL_ARE_HERE)) {
        line = out.readLine();
      }
      assertThat(line).isNotNull();
      assertThat(janus.connections()).isEqualTo(CLIENTS + 1);
    } finally {
      clients.destroyForcibly();
    }
    assertThat(clients.waitFor(20, TimeUnit.SECONDS)).isTrue();
    Wait.until("they are gone", () -> janus.connections() == 1);
    assertServes(steady);
  }

  @Test
  void clientsThatSayNothingAreEndedAfterTheIdleTime() throws Exception {
    Janus janus = open(LIMITS.withIdleMillis(500));
    Address at = janus.listen(any(), echo);
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      silent.add(use(client(at)));
    }
    Wait.until("they were accepted, and ended", () -> janus.connections() == 0
        && janus.counters().get(io.janus.limit.Counter.CLOSED) == CLIENTS);
    for (Socket client : silent) {
      assertThat(isEnded(client)).isTrue();
    }
  }

  private EngineOptions options(Limits limits) {
    return EngineOptions.defaults().withEngine(engine).withLoops(LOOPS).withLimits(limits);
  }

  private Janus open(Limits limits) throws Exception {
    echo.failures.clear();
    return use(Janus.open(options(limits)));
  }

  private <T extends AutoCloseable> T use(T resource) {
    opened.push(resource);
    return resource;
  }

  private static Address any() {
    return new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  }

  private static Socket client(Address at) throws IOException {
    Socket socket = new Socket("127.0.0.1", at.port());
    socket.setSoTimeout((int) TimeUnit.NANOSECONDS.toMillis(Wait.DEADLINE_NANOS));
    return socket;
  }

  private static void assertServes(Socket client) {
    assertThat(serves(client)).isTrue();
  }

  private static boolean serves(Socket client) {
    try {
      client.getOutputStream().write(7);
      return client.getInputStream().read() == 7;
    } catch (IOException e) {
      throw new AssertionError("a client that behaves was not served", e);
    }
  }

  private static boolean isEnded(Socket client) throws IOException {
    try {
      return client.getInputStream().read() < 0;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }
}
