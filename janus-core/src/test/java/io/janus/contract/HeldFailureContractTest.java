package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A reset that waits behind unread bytes for the end of a pause, and something else that ends the connection first. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class HeldFailureContractTest extends ManagerTest {

  @Test
  void drainThatCutsAPausedConnectionTellsThatAndNotTheResetBehindItsBytes() throws OsException {
    Rig rig = rig();
    Scripted server = pausedBeforeAReset(rig);
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    rig.run(() -> rig.manager().drain(TimeUnit.MILLISECONDS.toNanos(60), cuts::add));
    rig.until("it was cut", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(1);
    assertThat(rig.count(Counter.CUT)).isEqualTo(1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    assertThat(server.closed.get()).isEqualTo(1);
    assertThat(server.data.get()).isZero();
  }

  @Test
  void abortOfAPausedConnectionIsToldAsThisSidesOwnDoing() throws OsException {
    Rig rig = rig();
    Scripted server = pausedBeforeAReset(rig);
    rig.run(server.first()::abort);
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.name()).isEqualTo("ABORTED_HERE"));
    assertThat(server.data.get()).isZero();
  }

  /** Its receive is with the model when the bytes and the reset come, and the pause after them. */
  private Scripted pausedBeforeAReset(Rig rig) throws OsException {
    Scripted server = scripted();
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    rig.forAWhile();
    peer.send("never read");
    peer.reset();
    rig.run(server.first()::pauseReading);
    rig.forAWhile();
    assumeTrue(
        server.data.get() + server.closed.get() == 0,
        "the loop's own thread was faster than the pause");
    assertThat(server.first().isOpen()).isTrue();
    return server;
  }
}
