package io.janus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.EngineNames;
import io.janus.contract.Wait;
import io.janus.limit.Counter;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What the door does with arguments at their edge, on each engine of this machine. */
@ParameterizedClass(name = "{0}")
@MethodSource("engines")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class JanusArgumentsTest {
  private static final Handler ECHO = Connection::send;

  @Parameter String engine;

  private Janus janus;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @BeforeEach
  void open() throws Exception {
    janus = Janus.open(EngineOptions.defaults().withEngine(engine).withLoops(2));
  }

  @AfterEach
  void close() throws Exception {
    janus.close();
  }

  @Test
  void drainTakesATimeWithoutEnd() throws Exception {
    Address at = janus.listen(any(), ECHO);
    try (Socket only = new Socket("127.0.0.1", at.port())) {
      only.getOutputStream().write(7);
      assertThat(only.getInputStream().read()).isEqualTo(7);
      Thread client = Thread.ofPlatform().start(() -> endAfterTheServer(only));
      assertThat(janus.drain(ChronoUnit.FOREVER.getDuration())).isTrue();
      client.join();
    }
  }

  /** A deadline that is over: whoever is open is cut at once, and the answer tells it; where nobody is, all have ended in order. */
  @Test
  void drainWithoutTimeCutsAtOnce() throws Exception {
    int cut = 0;
    for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(-1),
        Duration.ofSeconds(Long.MIN_VALUE))) {
      assertThat(janus.drain(none)).as("of nobody in %s", none).isTrue();
      Address at = janus.listen(any(), ECHO);
      try (Socket only = new Socket("127.0.0.1", at.port())) {
        only.getOutputStream().write(7);
        assertThat(only.getInputStream().read()).isEqualTo(7);
        assertThat(janus.drain(none)).as("of one in %s", none).isFalse();
        assertThat(janus.counters().get(Counter.CUT)).isEqualTo(++cut);
      }
    }
  }

  /** A client that comes back whenever it has ended, by the engine and not by its loop. */
  @Test
  void drainEndsWhoConnectsAgainByTheEngine() throws Exception {
    Address at = janus.listen(any(), ECHO);
    AtomicInteger opened = new AtomicInteger();
    Handler client = new Handler() {
      @Override
      public void onOpen(Connection connection) {
        opened.incrementAndGet();
      }

      @Override
      public void onData(Connection connection, Buffer buffer) {
        // Nothing comes.
      }

      @Override
      public void onClosed(Connection connection) {
        janus.connect(at, this);
      }
    };
    for (int i = 0; i < 10; i++) {
      janus.connect(at, client);
    }
    Wait.until("all are open", () -> opened.get() == 10 && janus.connections() == 20);
    assertThat(janus.drain(Duration.ofSeconds(20))).isTrue();
    assertThat(janus.connections()).isZero();
    assertThat(opened.get()).isEqualTo(10);
  }

  @Test
  void missingTaskIsRefusedAndTheLoopTakesOthers() throws Exception {
    EventLoop loop = janus.loops().getFirst();
    assertThatThrownBy(() -> loop.execute(null)).hasMessage("task");
    CountDownLatch ran = new CountDownLatch(1);
    loop.execute(ran::countDown);
    assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void missingAddressOrHandlerIsRefusedAndTakesNoPlace() {
    assertThatThrownBy(() -> janus.connect(null, ECHO)).hasMessage("address");
    assertThatThrownBy(() -> janus.connect(any(), null)).hasMessage("handler");
    assertThatThrownBy(() -> janus.listen(null, ECHO)).hasMessage("address");
    assertThatThrownBy(() -> janus.listen(any(), null)).hasMessage("handler");
    assertThat(janus.connections()).isZero();
  }

  @Test
  void missingOptionsAreRefusedWhereTheyEnter() {
    EngineOptions options = EngineOptions.defaults();
    assertThatThrownBy(() -> Janus.open(null)).hasMessage("options");
    assertThatThrownBy(() -> options.withEngine(null)).hasMessage("engine");
    assertThatThrownBy(() -> options.withLimits(null)).hasMessage("limits");
    assertThatThrownBy(() -> options.withReporter(null)).hasMessage("reporter");
    assertThatThrownBy(() -> janus.drain(null)).hasMessage("within");
    assertThatThrownBy(() -> Engine.choose(null)).hasMessage("name");
  }

  @Test
  void missingArgumentsOfAConnectionAreRefusedAndItGoesOn() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    Handler asking = new Handler() {
      @Override
      public void onOpen(Connection connection) {
        told.add(refusal(() -> connection.send(null)));
        told.add(refusal(() -> connection.sendCopy(null)));
        told.add(refusal(() -> connection.execute(null)));
        told.add(refusal(() -> connection.connectOnSameLoop(null, this)));
        told.add(refusal(() -> connection.connectOnSameLoop(any(), null)));
      }

      @Override
      public void onData(Connection connection, Buffer buffer) {
        told.add(refusal(() -> buffer.copyIn((byte[]) null)));
        told.add(refusal(() -> buffer.copyOut(null)));
        connection.send(buffer);
      }
    };
    Address at = janus.listen(any(), asking);
    try (Socket client = new Socket("127.0.0.1", at.port())) {
      client.getOutputStream().write(7);
      assertThat(client.getInputStream().read()).isEqualTo(7);
    }
    assertThat(told)
        .containsExactly("buffer", "bytes", "task", "address", "handler", "source", "charset");
  }

  private static String refusal(Runnable call) {
    try {
      call.run();
      return "accepted";
    } catch (NullPointerException refused) {
      return refused.getMessage();
    }
  }

  private static void endAfterTheServer(Socket socket) {
    try {
      socket.getInputStream().read();
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Address any() {
    return new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  }
}
