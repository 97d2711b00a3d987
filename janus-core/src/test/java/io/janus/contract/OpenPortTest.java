package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.Engine;
import io.janus.Engine.OpenedPort;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.PortOptions;
import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Sockets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The doors to a bare port: the native one, and the one by name. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OpenPortTest {
  private static final int TABLE = 64;

  private final Footprint before = Footprint.now();
  private final Counters counters = new Counters();
  private Sockets sockets;
  private BufferPool pool;

  @BeforeEach
  void open() {
    sockets = Sockets.open(counters);
    pool = new BufferPool(1024, BufferPool.bytesOf(1024, 64));
  }

  @AfterEach
  void everythingHasComeBack() {
    pool.close();
    sockets.close();
    assertThat(Footprint.now()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"uring, URING", "iocp, IOCP", "emulated, EMULATED"})
  void namedEngineIsTheOneThatOpensAndItsPortWorks(String name, Engine engine) throws Exception {
    Refusal.skipIf(engine.refusal());
    OpenedPort opened = open(name, PortOptions.defaults());
    try (CompletionPort port = opened.port()) {
      assertThat(opened.choice().engine()).isEqualTo(engine);
      assertThat(opened.choice().why()).isEqualTo("as asked for");
      assertWorks(port);
    }
  }

  @Test
  void autoIsTheFirstEngineWithAPortThatRunsHere() throws Exception {
    Engine best =
        SystemName.WINDOWS ? Engine.IOCP
            : Engine.URING.refusal().isEmpty() ? Engine.URING
            : Engine.EMULATED;
    OpenedPort opened = open("auto", PortOptions.defaults());
    try (CompletionPort port = opened.port()) {
      assertThat(opened.choice().engine()).isEqualTo(best);
      assertThat(opened.choice().why()).startsWith("auto: ");
      assertWorks(port);
    }
  }

  @Test
  void nativePortIsTheRingWithItsOptions() throws Exception {
    Refusal.skipIf(Engine.URING.refusal());
    Refusal.skipIf(Engine.URING.directRefusal());
    PortOptions options = PortOptions.defaults().withDirectDescriptors(TABLE).withZeroCopyBytes(1);
    try (CompletionPort port =
        CompletionPort.open(sockets, pool, Limits.defaults(), counters, options)) {
      assertThat(port.abilities())
          .isEqualTo(CompletionPort.CAN_REPEAT | CompletionPort.PATHS | CompletionPort.DIRECT
              | CompletionPort.ZERO_COPY);
    }
    try (CompletionPort port = CompletionPort.open(sockets, pool, Limits.defaults(), counters,
        PortOptions.defaults())) {
      assertThat(port.abilities()).isEqualTo(CompletionPort.CAN_REPEAT | CompletionPort.PATHS);
      assertWorks(port);
    }
  }

  @Test
  void emulationRefusesWhatOnlyARingHas() {
    assertThatThrownBy(() -> open("emulated", PortOptions.defaults().withDirectDescriptors(TABLE)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("direct descriptors are a part of io_uring");
    assertThatThrownBy(() -> open("emulated", PortOptions.defaults().withZeroCopyBytes(1)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("sending without a copy is a part of io_uring");
  }

  @Test
  void readinessAndUnknownNamesAreRefusedWithWhatThereIs() {
    String readiness = SystemName.WINDOWS ? "afd" : "epoll";
    String completion = SystemName.WINDOWS ? "iocp" : "uring";
    assertThatThrownBy(() -> open(readiness, PortOptions.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("engine " + readiness + " is readiness and has no completion port; use "
            + completion + ", emulated or auto");
    assertThatThrownBy(() -> open("kqueue", PortOptions.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("auto, " + completion + ", " + readiness + ", emulated");
  }

  @Test
  void enginesOfAnotherSystemAreRefusedByItsNameAndThoseOfThisOneAreNamed() {
    String other = SystemName.WINDOWS ? "uring" : "iocp";
    assertThatThrownBy(() -> open(other, PortOptions.defaults()))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining(SystemName.WINDOWS ? "Linux" : "Windows")
        .hasMessageEndingWith("; use auto, or one of the engines here: "
            + (SystemName.WINDOWS ? "iocp, afd, emulated" : "uring, epoll, emulated"));
    String readiness = SystemName.WINDOWS ? "epoll" : "afd";
    assertThat(Engine.choose("auto").engine().refusal()).isEmpty();
    assertThatThrownBy(() -> Engine.choose(readiness)).hasMessageContaining("engines here");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> PortOptions.defaults().withDirectDescriptors(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PortOptions.defaults().withDirectDescriptors((1 << 20) + 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PortOptions.defaults().withZeroCopyBytes(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private OpenedPort open(String name, PortOptions options) throws OsException {
    return Engine.openPort(name, sockets, pool, Limits.defaults(), counters, options);
  }

  /** A post, and the bytes of a connection from the one end to the other. */
  private void assertWorks(CompletionPort port) {
    World world = new KernelWorld(KernelWorld.Engine.EPOLL);
    try (world; SocketPair pair = new SocketPair(world)) {
      Completions done = new Completions(1);
      assertThat(port.post(7, 70)).isTrue();
      await(port, done);
      assertThat(done.operation(0)).isEqualTo(Operation.POST);
      assertThat(done.result(0)).isEqualTo(70);
      long handle = port.adopt(pair.giveNear());
      assertThat(port.receive(handle, 0, 1)).isPositive();
      pair.send(pair.far, Bytes.of("through the door"));
      await(port, done);
      assertThat(done.token(0)).isOne();
      assertThat(done.buffer(0).copyOut()).isEqualTo(Bytes.of("through the door"));
      done.buffer(0).release();
      assertThat(port.close(handle, 2)).isPositive();
      await(port, done);
      assertThat(done.operation(0)).isEqualTo(Operation.CLOSE);
    }
  }

  private static void await(CompletionPort port, Completions done) {
    Wait.until("a completion comes",
        () -> port.await(done, TimeUnit.MILLISECONDS.toNanos(100)) == 1);
  }
}
