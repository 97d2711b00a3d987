package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.SharedPort;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.OsException;
import io.janus.ffi.call.FaultSeam;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A ring below a shared port: what only a ring does must not reach the workers, or be lost on the way to them. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UringSharedTest {
  private static final int BYTES = 4096;
  private static final long SOON = Wait.DEADLINE_NANOS;
  private static final int EAGAIN = 11;
  private static final int TO_SUBMIT = 1;
  private static final int MIN_COMPLETE = 2;

  /** Sends without a copy, on a thread of its own. */
  private static final class Below implements SharedPort.Foundation {
    private final Counters counters = new Counters();
    private Sockets sockets;
    private BufferPool pool;

    @Override
    public CompletionPort open() throws OsException {
      sockets = Sockets.open(counters);
      pool = new BufferPool(BYTES, BufferPool.bytesOf(BYTES, 64));
      return UringPort.open(sockets, pool, Limits.defaults(), counters, 0, 1);
    }

    @Override
    public void free() {
      pool.close();
      sockets.close();
    }
  }

  private final Completions one = new Completions(1);
  private final BufferPool pool = new BufferPool(BYTES, BufferPool.bytesOf(BYTES, 64));
  private SharedPort port;
  private ServerSocket server;
  private Socket far;
  private long handle;

  @BeforeEach
  void connect() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    port = SharedPort.open("owner-of-a-ring", 1, Limits.defaults(), new Below());
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Address at = new Address.Ipv4(new byte[] {127, 0, 0, 1}, server.getLocalPort());
    try (Sockets sockets = Sockets.open(new Counters())) {
      handle = port.adopt(sockets.open(at));
    }
    assertThat(port.connect(handle, at, 1)).isPositive();
    assertThat(port.take(one, SOON)).isEqualTo(1);
    assertThat(one.result(0)).isZero();
    far = server.accept();
  }

  @AfterEach
  void everythingIsBack() throws Exception {
    FaultSeam.install(null);
    if (port != null) {
      far.close();
      server.close();
      port.close();
      pool.close();
    }
  }

  /** Two completions of one send could overtake each other on their way to two workers. */
  @Test
  void uncopiedSendIsToldOnceWithAllItsBytes() throws Exception {
    for (int i = 0; i < 20; i++) {
      Buffer[] both = {filled(1), filled(2)};
      assertThat(port.sendAll(handle, both, 2, i)).isPositive();
      assertThat(far.getInputStream().readNBytes(2 * BYTES)).hasSize(2 * BYTES);
      assertThat(port.take(one, SOON)).isEqualTo(1);
      assertThat(one.operation(0)).isEqualTo(Operation.SEND);
      assertThat(one.token(0)).isEqualTo(i);
      assertThat(one.more(0)).isFalse();
      assertThat(one.result(0)).isEqualTo(2 * BYTES);
      assertThat(one.buffer(0)).isSameAs(both[0]);
      both[0].release();
      both[1].release();
    }
    assertThat(port.inFlight()).isZero();
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void whatTheKernelRefusesForTheMomentGoesOutAlthoughNoWorkerTakesAnything() throws Exception {
    for (int i = 0; i < 3; i++) {
      // Refused by the port, so the queue of one is full and the owner rests.
      assertThat(port.receive(handle + 1, 0, i)).isPositive();
    }
    Wait.until("the queue is full", () -> port.waiting() == 1);
    AtomicInteger refusals = new AtomicInteger();
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter")
        && (int) arguments[TO_SUBMIT] > 0 && (int) arguments[MIN_COMPLETE] == 0
        && refusals.incrementAndGet() <= 5 ? -EAGAIN : FaultSeam.Fault.PASS);
    assertThat(port.send(handle, filled(9), 9)).isPositive();
    assertThat(far.getInputStream().readNBytes(BYTES)).containsOnly(9);
    assertThat(refusals.get()).isGreaterThan(5);
    for (int i = 0; i < 3; i++) {
      assertThat(port.take(one, SOON)).isEqualTo(1);
      assertThat(one.token(0)).isEqualTo(i);
    }
    assertThat(port.take(one, SOON)).isEqualTo(1);
    assertThat(one.token(0)).isEqualTo(9);
    assertThat(one.result(0)).isEqualTo(BYTES);
    Objects.requireNonNull(one.buffer(0)).release();
  }

  private Buffer filled(int with) {
    byte[] bytes = new byte[BYTES];
    java.util.Arrays.fill(bytes, (byte) with);
    return Objects.requireNonNull(pool.acquire()).copyIn(bytes);
  }
}
