package io.janus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.EngineNames;
import io.janus.contract.Footprint;
import io.janus.contract.FullMailbox;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What the door promises of all loops together, on each engine of this machine. */
@ParameterizedClass(name = "{0}")
@MethodSource("engines")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class JanusTest {
  private static final int LOOPS = 3;
  private static final int TASKS = 16;

  @Parameter String engine;

  private Footprint before;
  private Janus janus;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @BeforeAll
  static void useTheSocketsOfTheJdkOnce() throws Exception {
    Footprint.useTheSocketsOfTheJdkOnce();
  }

  @BeforeEach
  void open() throws Exception {
    String refusal = Engine.valueOf(engine.toUpperCase(Locale.ROOT)).refusal();
    Refusal.skipIf(refusal);
    before = Footprint.now();
    janus = Janus.open(EngineOptions.defaults()
        .withEngine(engine)
        .withLoops(LOOPS)
        .withLimits(Limits.defaults()
            .withMailboxTasks(TASKS)
            .withPoolBytes(16 << 20)
            .withBlockedMillis(0)));
  }

  @AfterEach
  void everythingHasComeBack() {
    if (janus != null) {
      janus.close();
      assertThat(Footprint.now()).isEqualTo(before);
    }
  }

  @Test
  void pathIsRefusedByTheEngineThatHasNoneWithThoseThatHave() {
    assumeTrue(engine.equals("iocp"), "the other engines take paths");
    String remedy = "engine iocp has no Unix sockets (AF_UNIX)";
    Address path = new Address.Unix("janus.socket");
    assertThatThrownBy(() -> janus.listen(path, new Counting()))
        .isInstanceOf(OsException.class)
        .hasMessageContaining("listen on unix:janus.socket: " + remedy)
        .hasMessageContaining("use engine afd or emulated");
    AtomicReference<String> told = new AtomicReference<>();
    janus.connect(path, new Handler() {
      @Override
      public void onData(Connection connection, Buffer buffer) {
        throw new AssertionError("nobody sends");
      }

      @Override
      public void onClosed(Connection connection) {
        told.set(String.valueOf(connection.failure()));
      }
    });
    Wait.until("the connect has ended", () -> told.get() != null);
    assertThat(told.get()).startsWith(remedy);
  }

  @Test
  void drainIsTrueIfEveryConnectionEndedInOrder() throws Exception {
    Counting server = new Counting();
    Address at = janus.listen(any(), server);
    try (Socket first = new Socket("127.0.0.1", at.port());
        Socket second = new Socket("127.0.0.1", at.port())) {
      Wait.until("both are open", () -> server.opened.get() == 2);
      first.shutdownOutput();
      Thread peer = Thread.ofPlatform().start(() -> endAfterTheServer(second));
      assertThat(janus.drain(Duration.ofSeconds(20))).isTrue();
      peer.join();
    }
    assertThat(server.closed.get()).isEqualTo(2);
  }

  @Test
  void setUpTellsOfTheRingAndOfNothingElse() throws Exception {
    if (!engine.equals("uring")) {
      assertThat(janus.setUp()).isEmpty();
      assertThat(janus.engine().setUp()).isEmpty();
      assertThat(janus.engine().directDescriptors()).isZero();
      return;
    }
    assertThat(janus.setUp()).contains("ring with ", "queues of 256 submissions", "of the process");
    assertThat(Engine.URING.setUp()).isEqualTo(janus.setUp());
    Refusal.skipIf(Engine.URING.directRefusal());
    EngineOptions direct =
        EngineOptions.defaults().withEngine(engine).withLoops(2).withDirectDescriptors(true);
    try (Janus other = Janus.open(direct)) {
      int table = Engine.URING.directDescriptors();
      assertThat(other.setUp()).contains(String.format(Locale.ROOT, "a table of %,d ", table));
      assertThat(other.connectionLimit()).isEqualTo(2 * table);
    }
  }

  @Test
  void drainIsFalseIfOneHadToBeCut() throws Exception {
    Counting server = new Counting();
    Address at = janus.listen(any(), server);
    try (Socket quiet = new Socket("127.0.0.1", at.port());
        Socket busy = new Socket("127.0.0.1", at.port())) {
      busy.getOutputStream().write(1);
      Wait.until("both are open", () -> server.opened.get() == 2);
      Thread peer = Thread.ofPlatform().start(() -> endAfterTheServer(quiet));
      assertThat(janus.drain(Duration.ofMillis(400))).isFalse();
      peer.join();
    }
    assertThat(server.closed.get()).isEqualTo(2);
  }

  @Test
  void drainAndCloseInsideALoopAreRefused() {
    AtomicReference<Throwable> drained = new AtomicReference<>();
    AtomicReference<Throwable> closed = new AtomicReference<>();
    janus.loops().getFirst().execute(() -> {
      drained.set(thrown(() -> janus.drain(Duration.ofMillis(1))));
      closed.set(thrown(janus::close));
    });
    Wait.until("both were tried", () -> closed.get() != null);
    assertThat(drained.get()).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("another thread");
    assertThat(closed.get()).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("another thread");
  }

  @Test
  void stopListeningReachesEveryLoopThatHasRoomAndThenThrows() throws Exception {
    Counting server = new Counting();
    Footprint deaf = Footprint.now();
    janus.listen(any(), server);
    CountDownLatch release = new CountDownLatch(1);
    FullMailbox.fill(janus.loops().getFirst(), release);
    assertThatThrownBy(janus::stopListening).isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("mailboxTasks");
    if (!SystemName.WINDOWS) {
      // There the first loop listens for all.
      Wait.until("the other loops have closed their listeners",
          () -> Footprint.now().descriptors().size() == deaf.descriptors().size() + 1);
    }
    release.countDown();
    Wait.until("the loop has room again", () -> FullMailbox.hasRoom(janus.loops().getFirst()));
    janus.stopListening();
    Wait.until("the last one has, too", () -> Footprint.now().lasting().equals(deaf.lasting()));
  }

  @Test
  void drainReachesEveryLoopThatHasRoomAndThenThrows() throws Exception {
    // The loop without room has a listener of its own, except where the first one listens for all.
    int stillOpen = SystemName.WINDOWS ? 0 : 1;
    Counting server = new Counting();
    Footprint deaf = Footprint.now();
    janus.listen(any(), server);
    CountDownLatch release = new CountDownLatch(1);
    FullMailbox.fill(janus.loops().get(1), release);
    assertThatThrownBy(() -> janus.drain(Duration.ofSeconds(20)))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("mailboxTasks");
    Wait.until("the other loops have closed their listeners",
        () -> Footprint.now().descriptors().size() == deaf.descriptors().size() + stillOpen);
    release.countDown();
    Wait.until("the loop has room again", () -> FullMailbox.hasRoom(janus.loops().get(1)));
    assertThat(janus.drain(Duration.ofSeconds(20))).isTrue();
    Wait.until("the last one has, too", () -> Footprint.now().lasting().equals(deaf.lasting()));
  }

  @Test
  void loopThatHasEndedIsPassedOverByEveryCall() throws Exception {
    Counting server = new Counting();
    EventLoop gone = janus.loops().getFirst();
    gone.stop();
    assertThat(gone.join(20, TimeUnit.SECONDS)).isTrue();
    assertThat(gone.hasEnded()).isTrue();
    assertThat(gone.failure()).as("what a stop is").isNull();
    assertThat(janus.loops()).filteredOn(EventLoop::hasEnded).containsExactly(gone);
    Address at = janus.listen(any(), server);
    Counting client = new Counting();
    for (int i = 1; i <= 2 * LOOPS; i++) {
      janus.connect(at, client);
      int number = i;
      Wait.until("it is connected at both ends",
          () -> client.opened.get() == number && server.opened.get() == number);
    }
    janus.stopListening();
    assertThat(janus.drain(Duration.ofSeconds(20))).isTrue();
    janus.loops().forEach(EventLoop::stop);
    assertThatThrownBy(() -> janus.listen(any(), server))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("ended");
    assertThatThrownBy(() -> janus.drain(Duration.ofSeconds(1)))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void drainIsFalseAtOnceIfItsLoopEnds() throws Exception {
    Address at = janus.listen(any(), new Counting());
    AtomicInteger paused = new AtomicInteger();
    janus.connect(at, new Handler() {
      @Override
      public void onOpen(Connection connection) {
        connection.pauseReading();
        paused.incrementAndGet();
      }

      @Override
      public void onData(Connection connection, Buffer buffer) {
        throw new AssertionError("nobody sends");
      }
    });
    Wait.until("one keeps the drain from its end", () -> paused.get() == 1);
    AtomicReference<Object> told = new AtomicReference<>();
    Thread waiting = Thread.ofPlatform().start(() -> {
      try {
        told.set(janus.drain(Duration.ofHours(1)));
      } catch (Exception | Error e) {
        told.set(e);
      }
    });
    Wait.until("the drain waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);
    janus.close();
    Wait.until("it is told", () -> told.get() != null);
    assertThat(told).hasValue(false);
    waiting.join();
  }

  @Test
  void connectTakesALoopThatHasRoomAndThrowsIfNoneHas() throws Exception {
    Counting server = new Counting();
    Address at = janus.listen(any(), server);
    CountDownLatch release = new CountDownLatch(1);
    FullMailbox.fill(janus.loops().getFirst(), release);
    FullMailbox.fill(janus.loops().get(1), release);
    Counting client = new Counting();
    for (int i = 1; i <= LOOPS; i++) {
      janus.connect(at, client);
      int number = i;
      Wait.until("it is connected", () -> client.opened.get() == number);
    }
    FullMailbox.fill(janus.loops().getLast(), release);
    assertThatThrownBy(() -> janus.connect(at, client))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("mailboxTasks");
    release.countDown();
  }

  private static Address any() {
    return new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  }

  private static void endAfterTheServer(Socket socket) {
    try {
      socket.getInputStream().read();
      socket.shutdownOutput();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private static Throwable thrown(Attempt attempt) {
    try {
      attempt.run();
      return new AssertionError("nothing was thrown");
    } catch (Throwable e) {
      return e;
    }
  }
}
