package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a manager promises about its listeners, its limit of connections and its end. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class LifecycleContractTest extends ManagerTest {

  @Test
  void atTheLimitOfConnectionsTheNextOneWaitsAndIsServedLater() throws OsException {
    Rig rig = rig(LIMITS.withConnections(2).withAcceptPauseMillis(20));
    Scripted server = echo();
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Peer peer = peer(at);
      peers.add(peer);
      peer.send("p");
    }
    rig.until("two are served", () -> peers.get(0).hasReceived("p")
        && peers.get(1).hasReceived("p"));
    rig.forAWhile();
    assertThat(server.connections).hasSize(2);
    assertThat(rig.budget.used()).isEqualTo(2);
    assertThat(rig.count(Counter.ACCEPT_PAUSES)).isPositive();
    for (int i = 0; i < 3; i++) {
      int next = i + 2;
      peers.get(i).shutdownOutput();
      rig.until("the next one is served", () -> peers.get(next).hasReceived("p"));
      assertThat(rig.budget.used()).isLessThanOrEqualTo(2);
    }
    assertThat(rig.reports).anyMatch(report -> report.contains("limit of 2 connections"));
  }

  /** On a thread of its own: a loop that waits in an accept could not be let go by the test. */
  @Test
  void listenerThatBlocksIsMadeOneThatDoesNot() throws OsException {
    assumeTrue(drive == Drive.BY_THREAD && world instanceof KernelWorld, "for a kernel's sockets");
    Rig rig = rig();
    Scripted server = echo();
    long socket = BlockingSockets.block(SocketPair.listen(world));
    Address at = sockets.localAddress(socket);
    rig.run(() -> rig.manager().listen(socket, server));
    Peer peer = peer(at);
    peer.send("one");
    rig.until("the echo comes", () -> peer.receive().hasReceived("one"));
    peer.send("two");
    rig.until("and another one", () -> peer.receive().hasReceived("onetwo"));
    peer.shutdownOutput();
  }

  @Test
  void waitingAtTheLimitDoesNotSpin() throws OsException {
    Rig rig = rig(LIMITS.withConnections(1).withAcceptPauseMillis(10));
    Scripted server = scripted();
    Address at = rig.listen(server);
    for (int i = 0; i < 4; i++) {
      peer(at);
    }
    rig.until("one is open", () -> server.connections.size() == 1);
    rig.until("accepting rests", () -> rig.count(Counter.ACCEPT_PAUSES) > 0);
    long calls = rig.count(Counter.ACCEPT_CALLS);
    rig.forAWhile();
    rig.forAWhile();
    assertThat(rig.count(Counter.ACCEPT_CALLS) - calls).as("accepts at the limit").isZero();
  }

  /** One for the accept, ten for receives: five are left for ten sends at the same time. */
  @Test
  void fullTableOfOperationsDelaysAndEndsNothing() throws OsException {
    Rig rig = rig(LIMITS.withOperations(16));
    Scripted server = echo();
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      peers.add(peer(at));
    }
    rig.until("all are open", () -> server.connections.size() == 10);
    for (String text : List.of("once", "onceonce")) {
      peers.forEach(peer -> peer.send("once"));
      rig.until("all are served",
          () -> peers.stream().allMatch(peer -> peer.hasReceived(text)));
    }
    assertThat(server.closed).hasValue(0);
  }

  @Test
  void endOfManyConnectionsAtATimeIsSpreadOverTurns() throws OsException {
    int many = 300;
    int stepsOfATurn = 256;
    Rig rig = rig();
    Scripted server = scripted();
    Address at = rig.listen(server);
    for (int i = 0; i < many; i++) {
      peer(at);
    }
    rig.until("all are open", () -> server.connections.size() == many);
    int[] endedInTheTurn = new int[1];
    rig.run(
        () -> {
          server.connections.forEach(Connection::abort);
          // Behind this turn's wait: by then the turn has taken its steps.
          rig.loop.execute(() -> endedInTheTurn[0] = server.closed.get());
        });
    rig.until("all have ended", () -> server.closed.get() == many);
    assertThat(endedInTheTurn[0]).isLessThanOrEqualTo(stepsOfATurn);
  }

  @Test
  void clientBeyondTheLimitFailsAsBusy() throws OsException {
    Rig rig = rig(LIMITS.withConnections(1));
    long listener = SocketPair.listen(world);
    Scripted first = scripted();
    Scripted second = scripted();
    rig.connect(sockets.localAddress(listener), first);
    rig.connect(sockets.localAddress(listener), second);
    rig.until("the second has failed", () -> second.closed.get() == 1);
    assertThat(second.connections).isEmpty();
    assertThat(second.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.BUSY));
    sockets.closeSocket(listener);
  }

  @Test
  void afterStopListeningNoConnectionIsOpenedAndOldOnesGoOn() throws OsException {
    Rig rig = rig();
    Scripted server = echo();
    Address at = rig.listen(server);
    Peer old = peer(at);
    rig.until("the old one is open", () -> server.connections.size() == 1);
    Peer late = new Peer(world, at);
    rig.run(rig.manager()::stopListening);
    rig.until("the late one was turned away or had just been taken", () -> late.hasEnded()
        || server.connections.size() == 2);
    int opened = server.connections.size();
    Peer tooLate = new Peer(world, at);
    rig.until("the one too late was refused", tooLate::hasEnded);
    assertThat(server.connections).hasSize(opened);
    old.send("still here");
    rig.until("the old one is served", () -> old.hasReceived("still here"));
    late.close();
    tooLate.close();
  }

  @Test
  void stoppedAtTheLimitClosesTheOneThatWaited() throws OsException {
    Rig rig = rig(LIMITS.withConnections(1));
    Scripted server = scripted();
    Address at = rig.listen(server);
    peer(at);
    Peer parked = peer(at);
    rig.until("one waits", () -> rig.count(Counter.ACCEPT_PAUSES) > 0);
    rig.run(rig.manager()::stopListening);
    rig.until("it was turned away", parked::hasEnded);
    assertThat(server.connections).hasSize(1);
  }

  @Test
  void endOfTheLoopEndsEveryConnectionInEveryState() throws Exception {
    Rig rig = rig();
    Scripted server = scripted();
    server.onData = (connection, buffer) -> {
      switch (buffer.getByte()) {
        case 'c' -> connection.close();
        case 'a' -> connection.abort();
        case 'p' -> connection.pauseReading();
        case 's' -> connection.shutdownOutput();
        default -> connection.sendCopy(new byte[60_000]);
      }
    };
    Address at = rig.listen(server);
    for (String command : List.of("c", "a", "p", "s", "f", "pp")) {
      slowPeer(at).send(command);
    }
    peer(at);
    rig.until("all are open", () -> server.connections.size() == 7 && server.data.get() >= 6);
    Scripted client = scripted();
    rig.connect(at, client);
    rig.close();
    assertThat(server.closed.get()).isEqualTo(server.connections.size());
    assertThat(client.closed.get()).isEqualTo(1);
    assertThat(rig.manager().connections()).isZero();
  }

  @Test
  void manyShortConnectionsLeaveNothingBehindAndReuseIsNeverMistaken() throws OsException {
    Rig rig = rig();
    Scripted server = echo();
    Address at = rig.listen(server);
    for (int i = 0; i < 60; i++) {
      Peer a = new Peer(world, at);
      Peer b = new Peer(world, at);
      String text = "connection " + i;
      a.send(text);
      b.send("other");
      rig.until("both answers are their own", () -> a.hasReceived(text) && b.hasReceived("other"));
      if (i % 3 == 0) {
        a.reset();
      }
      a.close();
      b.close();
    }
    rig.until("all are closed", () -> server.closed.get() == 120);
    assertThat(rig.manager().connections()).isZero();
    assertThat(rig.budget.used()).isZero();
  }

  @Test
  void clientThatClosesWhileItConnectsIsClosedOnce() throws OsException {
    Rig rig = rig();
    long listener = SocketPair.listen(world);
    Scripted client = scripted();
    Address at = sockets.localAddress(listener);
    List<Connection> made = new ArrayList<>();
    rig.run(() -> {
      Connection connection = rig.manager().connect(at, client);
      made.add(connection);
      connection.sendCopy(Bytes.of("never sent"));
      connection.close();
    });
    rig.until("it is closed", () -> client.closed.get() == 1);
    assertThat(client.connections).isEmpty();
    assertThat(made.getFirst().isOpen()).isFalse();
    sockets.closeSocket(listener);
  }

  @Test
  void whatAClientSendsBeforeItIsConnectedGoesOutFirst() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    Scripted client = scripted();
    client.onOpen = connection -> connection.sendCopy(Bytes.of("second"));
    Address at = rig.listen(server);
    rig.run(() -> rig.manager().connect(at, client).sendCopy(Bytes.of("first ")));
    rig.until("both have come", () -> server.received.toString().equals("first second"));
  }

  /** A server that listens and stops for years keeps nothing of it. */
  @Test
  void listenerThatWasStoppedLeavesNotEvenItsHandlerBehind() throws OsException {
    Rig rig = rig();
    List<WeakReference<Scripted>> handlers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Scripted handler = new Scripted();
      handlers.add(new WeakReference<>(handler));
      Address at = rig.listen(handler);
      if (i % 2 == 0) {
        Peer peer = peer(at);
        rig.until("it is open", () -> handler.connections.size() == 1);
        peer.shutdownOutput();
        rig.until("it is closed", () -> handler.closed.get() == 1);
      }
      rig.run(rig.manager()::stopListening);
    }
    rig.until("nothing is left of them", () -> {
      System.gc();
      return handlers.stream().allMatch(handler -> handler.get() == null);
    });
    assertThat(rig.manager().connections()).isZero();
  }
}
