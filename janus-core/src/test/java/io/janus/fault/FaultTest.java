package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.Footprint;
import io.janus.contract.Wait;
import io.janus.ffi.OsError;
import io.janus.ffi.call.FaultSeam;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/**
 * An engine with injected errors. The clients are sockets of the JDK, whose calls the injection does not reach. After each test
 * no descriptor and no mapped byte may be left.
 */
@Tag("faults")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FaultTest {
  static final Limits LIMITS =
      Limits.defaults().withBlockedMillis(0).withAcceptPauseMillis(10).withPoolBytes(16 << 20);

  @Parameter String engine;

  final Faults faults = new Faults();
  static final String RESET_BEFORE =
      "accepting pauses: many connections in a row were reset before they were accepted (";

  final List<String> reports = new CopyOnWriteArrayList<>();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Footprint before;

  @BeforeEach
  void everyClassIsLoadedBeforeFaultsBegin() throws Exception {
    FaultSeam.install(null);
    try (Janus warm = Janus.open(options()); Socket client = client(warm.listen(any(), ECHO))) {
      echo(client, new byte[] {1});
    }
    before = Footprint.now();
  }

  @AfterEach
  void everythingHasComeBack() throws Exception {
    faults.clear();
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    FaultSeam.install(null);
    assertThat(Footprint.now()).as("descriptors and mapped bytes after the test").isEqualTo(before);
  }

  static final Handler ECHO = Connection::send;

  EngineOptions options() {
    return EngineOptions.defaults()
        .withEngine(engine)
        .withLoops(1)
        .withLimits(LIMITS)
        .withReporter((sentence, cause) -> reports.add(sentence));
  }

  final Janus open() throws IOException {
    return use(Janus.open(options()));
  }

  final <T extends AutoCloseable> T use(T resource) {
    opened.push(resource);
    return resource;
  }

  static Address any() {
    return new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  }

  static Socket client(Address to) throws IOException {
    Socket socket = new Socket("127.0.0.1", to.port());
    socket.setSoTimeout((int) TimeUnit.NANOSECONDS.toMillis(Wait.DEADLINE_NANOS));
    return socket;
  }

  /** Sends the bytes from another thread and reads as many back. */
  static byte[] echo(Socket socket, byte[] bytes) throws Exception {
    OutputStream out = socket.getOutputStream();
    Thread sender = Thread.ofVirtual().start(() -> {
      try {
        out.write(bytes);
      } catch (IOException e) {
        // The reader below fails as well and tells.
      }
    });
    byte[] back = read(socket, bytes.length);
    sender.join();
    return back;
  }

  static byte[] read(Socket socket, int bytes) throws IOException {
    InputStream in = socket.getInputStream();
    return in.readNBytes(bytes);
  }

  /** True if the other side has ended the connection, in whatever way, before sending a byte. */
  static boolean isEnded(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  static long count(Janus janus, Counter counter) {
    return janus.counters().get(counter);
  }

  /** Connects, and waits until the handler is told why that failed. */
  static OsError failureOfConnect(Janus janus, Address to) {
    AtomicReference<OsError> failure = new AtomicReference<>();
    janus.connect(to, new Handler() {
      @Override
      public void onData(Connection connection, Buffer buffer) {
        // Nothing comes.
      }

      @Override
      public void onClosed(Connection connection) {
        failure.set(connection.failure());
      }
    });
    Wait.until("the connect has failed", () -> failure.get() != null);
    return failure.get();
  }
}
