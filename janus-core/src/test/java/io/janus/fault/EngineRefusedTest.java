package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.Engine;
import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.BufferPool;
import io.janus.completion.PortOptions;
import io.janus.completion.uring.UringProbe;
import io.janus.contract.Refusal;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.net.Socket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The probe's ring is granted and one that is opened in earnest is not. */
@ParameterizedClass
@ValueSource(strings = "auto")
class EngineRefusedTest extends FaultTest {
  private static final int LOOPS = 3;

  @BeforeEach
  void needsRings() {
    String refusal = UringProbe.refusal();
    Refusal.skipIf(refusal);
  }

  /** The n-th ring is refused; the first is the probe's. */
  @ParameterizedTest
  @CsvSource({"2, 1, seccomp", "3, 12, memory", "4, 12, memory", "4, 22, open an io_uring"})
  void autoRunsAllLoopsOnTheNextEngineAndSaysWhy(int ring, int errno, String word)
      throws Exception {
    faults.on("io_uring_setup", (call, arguments) -> call >= ring ? errno : 0).install();
    Janus janus = use(Janus.open(options().withLoops(LOOPS)));
    assertThat(faults.injected()).isPositive();
    assertThat(janus.engine()).isEqualTo(Engine.EPOLL);
    assertThat(janus.why()).startsWith("auto: ").contains(word);
    assertThat(janus.loops()).hasSize(LOOPS);
    Address at = janus.listen(any(), ECHO);
    for (int i = 0; i < 4 * LOOPS; i++) {
      Socket client = use(client(at));
      assertThat(echo(client, new byte[] {1, 2, 3})).containsExactly(1, 2, 3);
    }
    assertThat(reports).isEmpty();
  }

  /** Operations bound the connections of a ring, and not those of the engine that was taken in its place. */
  @Test
  void limitOfConnectionsIsThatOfTheEngineThatRuns() throws Exception {
    EngineOptions few = options().withLoops(LOOPS).withLimits(LIMITS.withOperations(16));
    try (Janus rings = Janus.open(few)) {
      assertThat(rings.connectionLimit()).isEqualTo(LOOPS * 12);
    }
    int onEpoll;
    try (Janus epoll = Janus.open(few.withEngine("epoll"))) {
      onEpoll = epoll.connectionLimit();
    }
    faults.on("io_uring_setup", (call, arguments) -> call >= 3 ? Faults.ENOMEM : 0).install();
    Janus janus = use(Janus.open(few));
    assertThat(janus.engine()).isEqualTo(Engine.EPOLL);
    assertThat(janus.connectionLimit()).isEqualTo(onEpoll).isGreaterThan(LOOPS * 12);
    Address at = janus.listen(any(), ECHO);
    for (int i = 0; i < LOOPS * 12 + 4; i++) {
      assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void requiredEngineIsRefusedWithOneSentenceAndLeavesNothing(int ring) {
    faults.on("io_uring_setup", (call, arguments) -> call >= ring ? Faults.ENOMEM : 0).install();
    EngineOptions required = options().withEngine("uring").withLoops(LOOPS);
    assertThatThrownBy(() -> Janus.open(required))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageStartingWith("engine uring cannot run here: ")
        .hasMessageContaining("memory");
    assertThat(reports).isEmpty();
  }

  @Test
  void directDescriptorsAreNotTakenAwayInSilence() {
    Refusal.skipIf(UringProbe.directRefusal(1));
    faults.on("io_uring_setup", (call, arguments) -> call >= 3 ? Faults.ENOMEM : 0).install();
    EngineOptions direct = options().withLoops(LOOPS).withDirectDescriptors(true);
    assertThatThrownBy(() -> Janus.open(direct))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageStartingWith(
            "direct descriptors are a part of io_uring, which cannot run here: ")
        .hasMessageContainingAll("memory", "fewer loops")
        .hasMessageEndingWith("; or leave them out")
        .hasMessageNotContaining("use engine uring");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "uring"})
  void descriptorsThatRunOutChangeNoEngine(String name) {
    faults.on("io_uring_setup", (call, arguments) -> call >= 3 ? Faults.EMFILE : 0).install();
    assertThatThrownBy(() -> Janus.open(options().withEngine(name).withLoops(LOOPS)))
        .isInstanceOf(OsException.class)
        .extracting(thrown -> ((OsException) thrown).error().kind())
        .isEqualTo(ErrorKind.OUT_OF_DESCRIPTORS);
  }

  @Test
  void barePortFallsBackToTheEmulationAndSaysWhy() throws Exception {
    faults.on("io_uring_setup", (call, arguments) -> call >= 2 ? Faults.ENOMEM : 0).install();
    Sockets sockets = use(Sockets.open(new Counters()));
    BufferPool pool = use(new BufferPool(64, 64 * 64));
    Engine.OpenedPort opened =
        Engine.openPort("auto", sockets, pool, LIMITS, new Counters(), PortOptions.defaults());
    use(opened.port());
    assertThat(opened.choice().engine()).isEqualTo(Engine.EMULATED);
    assertThat(opened.choice().why()).startsWith("auto: ").contains("memory");
  }
}
