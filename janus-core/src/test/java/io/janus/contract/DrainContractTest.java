package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.loop.Deadline;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a drain promises: what is quiet is closed in order, what is busy is awaited, what is left is cut and counted. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class DrainContractTest extends ManagerTest {
  /** Several times what a drain takes for quiet. */
  private static final int LONG_MILLIS = 400;

  private static final int MANY = 300;

  /** More than the window of a slow peer, less than the kernel takes. */
  private static final int LATE_BYTES = 60_000;

  @Test
  void drainClosesQuietConnectionsInOrder() throws OsException {
    Rig rig = rig();
    Scripted server = echo();
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      peers.add(peer(at));
    }
    rig.until("all are open", () -> server.connections.size() == 5);
    List<Integer> cuts = drain(rig, 15_000);
    peers.getFirst().send("in time");
    rig.until("all were drained", () -> {
      peers.stream().filter(Peer::hasEnded).forEach(Peer::shutdownOutput);
      return !cuts.isEmpty();
    });
    assertThat(peers.getFirst().received).hasToString("in time");
    assertThat(peers).allSatisfy(peer -> assertThat(peer.end).isZero());
    assertThat(server.closed.get()).isEqualTo(5);
    assertThat(server.failures).isEmpty();
    rig.forAWhile();
    assertThat(cuts).as("calls back, each with the connections cut").containsExactly(0);
  }

  @Test
  void drainCutsWhatIsStillBusyAtTheEnd() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = connection -> {
      while (!connection.isOutboundFull()) {
        connection.sendCopy(new byte[16_000]);
      }
    };
    server.onDrained = server.onOpen;
    Peer peer = slowPeer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    List<Integer> cuts = drain(rig, 60);
    rig.until("it was cut", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    assertThat(server.closed.get()).isEqualTo(1);
    rig.until("the peer sees it", peer::hasEnded);
  }

  /**
   * More of them than one turn takes steps, in every state that a cut can meet: a paused one, one whose peer does not read, and many that
   * were closed when they fell quiet and whose peers do not end. How many are left falls while they end; what is counted does not.
   */
  @Test
  void drainCountsEveryConnectionThatItCutsAtOnce() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = connection -> {
      if (server.connections.size() == 1) {
        connection.pauseReading();
      } else if (server.connections.size() == 2) {
        while (!connection.isOutboundFull()) {
          connection.sendCopy(new byte[16_000]);
        }
      }
    };
    List<Long> seen = new CopyOnWriteArrayList<>();
    server.onClosed = connection -> seen.add(rig.manager().counters().get(Counter.CUT));
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      peers.add(i == 1 ? slowPeer(at) : peer(at));
      int expected = i + 1;
      rig.until("it is open", () -> server.connections.size() == expected);
    }
    List<Integer> cuts = drain(rig, LONG_MILLIS);
    rig.until("they were cut", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(MANY);
    assertThat(rig.count(Counter.CUT)).isEqualTo(MANY);
    assertThat(seen).as("counted by the end of the first one")
        .hasSize(MANY)
        .containsOnly((long) MANY);
    assertThat(server.failures).hasSize(MANY)
        .allSatisfy(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    assertThat(rig.budget.used()).isZero();
    rig.until("every peer sees it", () -> peers.stream().allMatch(Peer::hasEnded));
  }

  @Test
  void everyDrainTellsOfWhatAnotherHasCut() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    List<Integer> patient = drain(rig, 3_600_000);
    List<Integer> hasty = drain(rig, 60);
    rig.until("both have ended", () -> !patient.isEmpty() && !hasty.isEmpty());
    assertThat(patient).containsExactly(1);
    assertThat(hasty).containsExactly(1);
    assertThat(rig.count(Counter.CUT)).isEqualTo(1);
  }

  /** Who came by it before would be cut, and with enough of them the drain would never end. */
  @Test
  void listenerThatComesWhileADrainCutsTakesNobodyBeforeThatHasEnded() throws OsException {
    long[] nanos = {TimeUnit.SECONDS.toNanos(1)};
    Rig rig = rig(LIMITS, () -> nanos[0]);
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    rig.run(() -> rig.manager().drain(0, cuts::add));
    Scripted later = echo();
    Peer next = peer(rig.listen(later));
    next.send("patience");
    rig.forAWhile();
    assertThat(later.connections).isEmpty();
    rig.until("it is served", () -> {
      nanos[0] += TimeUnit.MILLISECONDS.toNanos(20);
      return next.hasReceived("patience");
    });
    assertThat(cuts).containsExactly(1);
    assertThat(later.closed.get()).isZero();
  }

  /** Its bytes and the end are with the kernel, which goes on with them; a reset would destroy what is on the way. */
  @Test
  void drainThatIsOverDestroysNoByteOfAConnectionThatHasEndedInOrder() throws OsException {
    assumeFalse(entry.toString().endsWith("zero-copy"),
        "what is not copied is lost with its connection");
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = connection -> {
      connection.sendCopy(new byte[LATE_BYTES]);
      connection.close();
    };
    Peer late = slowPeer(rig.listen(server));
    rig.until("all is with the kernel",
        () -> !server.connections.isEmpty() && server.first().outboundBytes() == 0);
    rig.forAWhile();
    List<Integer> cuts = drain(rig, LONG_MILLIS);
    rig.until("it was cut", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    rig.until("the peer has read on to the end", late::hasEnded);
    assertThat(late.received.size()).isEqualTo(LATE_BYTES);
    assertThat(late.end).isZero();
  }

  /** A loop that was held up has bytes before it that it has not been told of; with a batch of one it learns of one at a time. */
  @Test
  void drainTakesNobodyForQuietBecauseItsOwnLoopWasHeldUp() throws OsException {
    Rig rig = rig(LIMITS.withBatchEvents(1));
    Scripted server = echo();
    server.onOpen = Connection::pauseReading;
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      peers.add(peer(at));
    }
    rig.until("all are open", () -> server.connections.size() == 8);
    List<Integer> cuts = drain(rig, 15_000);
    AtomicBoolean held = new AtomicBoolean();
    AtomicBoolean asked = new AtomicBoolean();
    rig.loop.execute(() -> {
      // Until now they were busy, so none is quiet yet.
      server.connections.forEach(Connection::resumeReading);
      held.set(true);
      long start = world.clock().nanos();
      Wait.until("the loop was held up", () -> asked.get()
          && world.clock().nanos() - start > TimeUnit.MILLISECONDS.toNanos(LONG_MILLIS),
          world::letTimePass);
    });
    if (drive == Drive.BY_THREAD) {
      Wait.until("the loop is held up", held::get);
    }
    peers.forEach(peer -> peer.send("question"));
    asked.set(true);
    rig.until("all were answered and ended", () -> peers.stream().allMatch(Peer::hasEnded));
    assertThat(peers).allSatisfy(peer -> assertThat(peer.received).hasToString("question"));
    assertThat(peers).allSatisfy(peer -> assertThat(peer.end).isZero());
    peers.forEach(Peer::shutdownOutput);
    rig.until("it was drained", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(0);
  }

  @Test
  void drainOfNothingCallsBackOnce() throws OsException {
    Rig rig = rig();
    List<Integer> cuts = drain(rig, 1_000);
    rig.until("it called back", () -> !cuts.isEmpty());
    rig.forAWhile();
    assertThat(cuts).containsExactly(0);
  }

  @Test
  void drainAwaitsAPausedConnectionAndLosesNoByteOfIt() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    server.onPeerClosed = connection -> {
      connection.sendCopy(Bytes.of("got " + server.received.size()));
      connection.close();
    };
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    assertThat(peer.send(new byte[1_000], 0)).isEqualTo(1_000);
    peer.shutdownOutput();
    List<Integer> cuts = drain(rig, 15_000);
    awaitLong(rig);
    assertThat(server.closed.get()).as("paused connections that were closed").isZero();
    rig.run(server.first()::resumeReading);
    rig.until("the answer to all has come", () -> peer.hasReceived("got 1000"));
    rig.until("it was drained", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(0);
    assertThat(server.failures).isEmpty();
  }

  @Test
  void drainAwaitsAnAnswerThatIsComputedElsewhereWhileItsConnectionIsPaused() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onData = (connection, buffer) -> connection.pauseReading();
    Peer peer = peer(rig.listen(server));
    peer.send("question");
    rig.until("it is asked", () -> server.data.get() == 1);
    List<Integer> cuts = drain(rig, 15_000);
    awaitLong(rig);
    rig.run(() -> {
      server.first().sendCopy(Bytes.of("answer"));
      server.first().resumeReading();
    });
    rig.until("the answer has come, and the end", peer::hasEnded);
    assertThat(peer.received).hasToString("answer");
    assertThat(peer.end).isZero();
    peer.shutdownOutput();
    rig.until("it was drained", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(0);
  }

  @Test
  void drainCutsAConnectionThatStaysPaused() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.send("never read");
    List<Integer> cuts = drain(rig, LONG_MILLIS);
    rig.until("it was cut", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
  }

  @Test
  void drainEndsAHandlerThatConnectsAgainInOnClosed() throws OsException {
    Rig rig = rig();
    Address at = rig.listen(scripted());
    Scripted client = scripted();
    client.onClosed = connection -> {
      if (client.connections.size() == 1) {
        client.closed.incrementAndGet(); // What comes lets itself be thrown through.
        connection.connectOnSameLoop(at, client);
      }
    };
    rig.connect(at, client);
    rig.until("it is open", () -> client.connections.size() == 1);
    List<Integer> cuts = drain(rig, 15_000);
    rig.until("it was drained", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(0);
    assertThat(client.closed.get()).isEqualTo(1);
    assertThat(rig.reports).as("of what is documented").isEmpty();
    assertThat(rig.count(Counter.HANDLER_FAILURES)).isZero();
    rig.connect(rig.listen(scripted()), client);
    rig.until("it connects as before", () -> client.connections.size() == 2);
  }

  @Test
  void drainWhoseTimeIsOverEndsAlsoWhereSomebodyGoesOnConnecting() throws OsException {
    Rig rig = rig();
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    Scripted client = scripted();
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    AtomicInteger tries = new AtomicInteger();
    client.onOpen = Connection::pauseReading;
    client.onClosed = connection -> {
      if (cuts.isEmpty() && tries.incrementAndGet() < 20) {
        rig.loop.execute(() -> rig.manager().connectOrTell(at, client));
      }
    };
    rig.connect(at, client);
    rig.until("it is open", () -> client.connections.size() == 1);
    rig.run(() -> rig.manager().drain(TimeUnit.MILLISECONDS.toNanos(LONG_MILLIS), cuts::add));
    rig.until("it was drained", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(1);
    assertThat(client.failures).extracting(OsError::kind)
        .startsWith(ErrorKind.TIMED_OUT, ErrorKind.CONNECTION_ABORTED)
        .containsOnlyOnce(ErrorKind.TIMED_OUT);
    assertThat(rig.reports).isEmpty();
    sockets.closeSocket(listener);
  }

  @Test
  void drainLetsAHandlerConnectThatNeedsItForItsAnswer() throws OsException {
    Rig rig = rig();
    long listener = SocketPair.listen(world);
    Address behind = sockets.localAddress(listener);
    Scripted back = scripted();
    back.onOpen = connection -> {
      Connection asked = (Connection) connection.attachment();
      asked.sendCopy(Bytes.of("answer"));
      asked.resumeReading();
    };
    Scripted front = scripted();
    front.onOpen = Connection::pauseReading;
    front.onData = (connection, buffer) -> {
      connection.pauseReading();
      connection.connectOnSameLoop(behind, back).attach(connection);
    };
    Peer peer = peer(rig.listen(front));
    rig.until("it is open", () -> front.connections.size() == 1);
    peer.send("question");
    List<Integer> cuts = drain(rig, 15_000);
    awaitLong(rig);
    rig.run(front.first()::resumeReading);
    rig.until("the answer has come, and the end", peer::hasEnded);
    assertThat(peer.received).hasToString("answer");
    peer.shutdownOutput();
    sockets.closeSocket(listener);
    rig.until("it was drained", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(0);
  }

  /** Starts a drain; the list gets what it tells in the end. */
  private static List<Integer> drain(Rig rig, int millis) {
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    rig.run(() -> rig.manager().drain(TimeUnit.MILLISECONDS.toNanos(millis), cuts::add));
    return cuts;
  }

  /** Waits by the loop's own time, behind all looks of a drain that fall into it. */
  private static void awaitLong(Rig rig) {
    AtomicInteger expired = new AtomicInteger();
    Deadline later = new Deadline() {
      @Override
      protected void expired(long nowNanos) {
        expired.incrementAndGet();
      }
    };
    rig.run(() -> rig.loop.timers()
        .schedule(later, rig.loop.now() + TimeUnit.MILLISECONDS.toNanos(LONG_MILLIS)));
    rig.until("a long time has passed", () -> expired.get() == 1);
    rig.forAWhile();
  }
}
