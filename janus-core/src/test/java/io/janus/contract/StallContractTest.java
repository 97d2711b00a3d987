package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A loop that was held up finds its deadlines due before it has heard of what came in time. Time stands still here until the test moves it,
 * and a batch of one lets the loop learn of one connection at a time.
 */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managersByTurns")
class StallContractTest extends ManagerTest {
  private static final int MILLIS = 1_000;
  private static final int LONG_MILLIS = 3 * MILLIS;
  private static final int MANY = 40;
  private static final int CHATTERS = 6;
  private static final int MORE = 64 << 10;
  private static final Limits ONE_AT_A_TIME = LIMITS.withBatchEvents(1);

  private long nanos = TimeUnit.SECONDS.toNanos(1);

  @Test
  void stallEndsNobodyWhoseBytesCameInTime() throws OsException {
    Rig rig = rig(ONE_AT_A_TIME.withIdleMillis(MILLIS), () -> nanos);
    Scripted server = echo();
    List<Peer> peers = peers(rig, server, MANY);
    peers.forEach(peer -> peer.send("in time"));
    pass(LONG_MILLIS);
    rig.until("all were answered", () -> peers.stream().allMatch(peer -> {
      assertThat(peer.hasEnded()).as("ended with its request unread").isFalse();
      return peer.hasReceived("in time");
    }));
    assertThat(server.closed.get()).isZero();
  }

  @Test
  void stallFailsNoConnectThatTheSystemHasMade() throws OsException {
    Rig rig = rig(ONE_AT_A_TIME.withConnectMillis(MILLIS), () -> nanos);
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    Scripted client = scripted();
    rig.run(() -> {
      for (int i = 0; i < MANY; i++) {
        rig.manager().connect(at, client);
      }
      pass(LONG_MILLIS);
    });
    rig.until("all are told", () -> client.connections.size() + client.closed.get() == MANY);
    assertThat(client.failures).isEmpty();
    assertThat(client.connections).hasSize(MANY);
    sockets.closeSocket(listener);
  }

  @Test
  void writeTimeOfBytesThatWaitForTheirConnectDoesNotCountTheConnect() throws OsException {
    Rig rig = rig(
        ONE_AT_A_TIME.withWriteMillis(MILLIS).withConnectMillis(2 * LONG_MILLIS), () -> nanos);
    Scripted server = scripted();
    Address at = rig.listen(server);
    Scripted client = scripted();
    rig.run(() -> {
      for (int i = 0; i < MANY; i++) {
        rig.manager().connect(at, client).sendCopy(Bytes.of("x"));
      }
      pass(LONG_MILLIS);
    });
    rig.until("all has come", () -> {
      assertThat(client.failures).isEmpty();
      return server.received.size() == MANY;
    });
  }

  @Test
  void stallCutsNobodyWhoHasMadeRoomForWhatIsUnsent() throws OsException {
    Rig rig = rig(
        ONE_AT_A_TIME.withWriteMillis(MILLIS).withBufferBytes(4096).withOutboundBytes(2 << 20),
        () -> nanos);
    Scripted server = scripted();
    server.onOpen = connection -> {
      while (!connection.isOutboundFull()) {
        connection.sendCopy(new byte[16_000]);
      }
    };
    server.onDrained = server.onOpen;
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < CHATTERS; i++) {
      peers.add(slowPeer(at));
    }
    rig.until("all have unsent bytes", () -> server.connections.size() == CHATTERS);
    rig.forAWhile();
    // The kernel and the peers go on while the loop is held up.
    for (int i = 0; i < 100; i++) {
      peers.forEach(Peer::receive);
      world.letTimePass();
    }
    int[] before = peers.stream().mapToInt(peer -> peer.received.size()).toArray();
    pass(LONG_MILLIS);
    rig.until("every peer has more", () -> {
      assertThat(server.failures).isEmpty();
      boolean all = true;
      for (int i = 0; i < CHATTERS; i++) {
        all &= peers.get(i).hasReceived(before[i] + MORE);
      }
      return all;
    });
    rig.forAWhile();
    assertThat(server.closed.get()).isZero();
  }

  @Test
  void silentPeerIsEndedByALoopThatIsNeverDone() throws OsException {
    Rig rig = rig(ONE_AT_A_TIME.withIdleMillis(MILLIS).withLingerMillis(MILLIS), () -> nanos);
    Scripted server = echo();
    List<Peer> chatters = peers(rig, server, CHATTERS);
    Peer silent = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == CHATTERS + 1);
    pass(LONG_MILLIS);
    rig.until("the silent one has ended", () -> {
      chatters.forEach(StallContractTest::chat);
      return silent.hasEnded();
    });
    assertThat(chatters).noneMatch(Peer::hasEnded);
    silent.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
  }

  /** Each turn of this loop takes longer than a look of the drain may be late, and there is always more to be told. */
  @Test
  void drainFindsTheQuietOnesOnALoopThatIsSlowAndNeverDone() throws OsException {
    Rig rig = rig(ONE_AT_A_TIME, () -> nanos);
    Scripted server = echo();
    List<Peer> chatters = peers(rig, server, CHATTERS);
    List<Peer> silent = peers(rig, server, CHATTERS);
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    rig.run(() -> rig.manager().drain(TimeUnit.HOURS.toNanos(1), cuts::add));
    rig.until("the quiet ones have ended", () -> {
      chatters.forEach(StallContractTest::chat);
      pass(60);
      return silent.stream().allMatch(Peer::hasEnded);
    });
    assertThat(silent).allSatisfy(peer -> assertThat(peer.end).isZero());
    silent.forEach(Peer::shutdownOutput);
    rig.until("they are closed", () -> server.closed.get() >= CHATTERS);
    rig.run(() -> server.connections.forEach(Connection::close));
    chatters.forEach(Peer::shutdownOutput);
    rig.until("all were drained", () -> {
      pass(60);
      chatters.forEach(Peer::receive);
      return !cuts.isEmpty();
    });
    assertThat(cuts).containsExactly(0);
  }

  /** The drain asks anew in every turn what is known; the deadline that waits to be looked at again must not wait for that. */
  @Test
  void deadlineIsReachedOnALoopThatIsNeverDoneAndAlwaysHasMoreThatIsDue() throws OsException {
    Rig rig = rig(ONE_AT_A_TIME.withWriteMillis(MILLIS), () -> nanos);
    Scripted stuck = scripted();
    stuck.onOpen = connection -> {
      while (!connection.isOutboundFull()) {
        connection.sendCopy(new byte[16_000]);
      }
    };
    stuck.onDrained = stuck.onOpen;
    Peer slow = slowPeer(rig.listen(stuck));
    rig.until("it has unsent bytes", () -> stuck.connections.size() == 1);
    List<Peer> chatters = peers(rig, echo(), CHATTERS);
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    rig.run(() -> rig.manager().drain(TimeUnit.HOURS.toNanos(1), cuts::add));
    rig.until("the stuck one has ended", () -> {
      chatters.forEach(StallContractTest::chat);
      pass(120);
      return stuck.closed.get() == 1;
    });
    assertThat(stuck.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    assertThat(rig.count(Counter.CUT)).as("ended by its own deadline, not by the drain's").isZero();
    assertThat(cuts).isEmpty();
    rig.until("its peer hears of it", slow::hasEnded);
  }

  private List<Peer> peers(Rig rig, Scripted server, int count) {
    Address at = rig.listen(server);
    int expected = server.connections.size() + count;
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      peers.add(peer(at));
    }
    rig.until("all are open", () -> server.connections.size() == expected);
    return peers;
  }

  private static void chat(Peer peer) {
    peer.receive();
    peer.sendUnlessCut("x");
  }

  private void pass(int millis) {
    nanos += TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
