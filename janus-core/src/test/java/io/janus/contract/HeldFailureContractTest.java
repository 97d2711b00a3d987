package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A reset that waits behind unread bytes for the end of a pause, and something else that ends the connection first. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class HeldFailureContractTest extends ManagerTest {
  private static final int SMALL = 64;

  @ParameterizedTest
  @ValueSource(ints = {1, SMALL, 2 * SMALL, 3 * SMALL})
  void drainThatCutsAPausedConnectionTellsThatAndNotTheResetBehindItsBytes(int bytes)
      throws OsException {
    Rig rig = rig(LIMITS.withBufferBytes(SMALL));
    Scripted server = pausedBeforeAReset(rig, bytes);
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    rig.run(() -> rig.manager().drain(TimeUnit.MILLISECONDS.toNanos(60), cuts::add));
    rig.until("it was cut", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(1);
    assertThat(rig.count(Counter.CUT)).isEqualTo(1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    assertThat(server.closed.get()).isEqualTo(1);
    assertThat(server.data.get()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, SMALL, 2 * SMALL, 3 * SMALL})
  void abortOfAPausedConnectionIsToldAsThisSidesOwnDoing(int bytes) throws OsException {
    Rig rig = rig(LIMITS.withBufferBytes(SMALL));
    Scripted server = pausedBeforeAReset(rig, bytes);
    rig.run(server.first()::abort);
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.name()).isEqualTo("ABORTED_HERE"));
    assertThat(server.data.get()).isEqualTo(2);
  }

  /**
   * The second bytes pause it, since io_uring's first receive of a connection does not repeat; a repeated one can tell the reset right
   * behind bytes that it fits in with. Where the system keeps what a reset overtakes, the other bytes and the reset come all the same.
   */
  private Scripted pausedBeforeAReset(Rig rig, int bytes) throws OsException {
    Scripted server = scripted();
    AtomicBoolean held = new AtomicBoolean();
    AtomicBoolean sent = new AtomicBoolean();
    Peer peer = peer(rig.listen(server));
    peer.send(new byte[1], 0);
    rig.until("the first byte was told", () -> server.data.get() == 1);
    server.onData = (connection, buffer) -> connection.pauseReading();
    rig.forAWhile();
    if (drive == Drive.BY_THREAD) {
      rig.loop.execute(() -> {
        held.set(true);
        Wait.until("the peer has sent", sent::get);
      });
      Wait.until("the loop is held up", held::get);
    }
    peer.send(new byte[bytes], 0);
    peer.reset();
    sent.set(true);
    rig.until("it is paused, or gone", () -> server.data.get() + server.closed.get() > 1);
    assumeTrue(server.data.get() == 2, "this system's reset takes what was sent before with it");
    rig.forAWhile();
    assertThat(server.first().isOpen()).isTrue();
    assertThat(server.first().failure()).isNull();
    return server;
  }
}
