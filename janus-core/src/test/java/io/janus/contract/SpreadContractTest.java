package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.connection.Connection;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ListenVerdict;
import io.janus.connection.Spread;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** One loop accepts for two: each connection is served once, wherever it was when something else began. Turn by turn. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managersByTurns")
class SpreadContractTest extends ContractTest {
  private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int MAILBOX_TASKS = 16;
  private static final int MOST = 3;
  private static final Limits LIMITS =
      ManagerTest.LIMITS.withMailboxTasks(MAILBOX_TASKS).withAcceptPauseMillis(1);

  @Parameter(1) Drive drive;

  private final ConnectionBudget budget = new ConnectionBudget(MOST);
  private final Scripted server = Scripted.echo();
  private Rig home;
  private Rig other;

  @BeforeEach
  void openLoops() throws Exception {
    home = use(new Rig(world, drive, LIMITS, budget));
    other = use(new Rig(world, drive, LIMITS, budget));
  }

  @AfterEach
  void nothingIsCountedAnyMore() throws Exception {
    home.close();
    other.close();
    assertThat(server.violations).isEmpty();
    assertThat(server.closed.get()).isEqualTo(server.connections.size());
    assertThat(budget.used()).isZero();
  }

  @Test
  void connectionsGoToTheLoopsInTurnAndKnowTheirAddresses() {
    Address at = listen();
    Peer first = peer(at);
    until("one is open", () -> server.connections.size() == 1);
    Peer second = peer(at);
    until("both are open", () -> server.connections.size() == 2);
    assertThat(home.count(Counter.ACCEPTED) + other.count(Counter.ACCEPTED)).isEqualTo(2);
    assertThat(server.connections.get(1).peerAddress()).isEqualTo(second.address());
    assertThat(server.connections.get(1).localAddress()).isEqualTo(at);
    second.send("to the other loop");
    until("the echo has come", () -> second.hasReceived("to the other loop"));
    assertThat(first.hasEnded()).isFalse();
    assumeCanMove();
    assertThat(other.count(Counter.ACCEPTED)).isEqualTo(1);
    assertThat(server.connections.get(1).loop()).isSameAs(other.loop);
  }

  @Test
  void connectionForAFullMailboxStaysWhereItWasAccepted() {
    Address at = listen();
    open(at, 1);
    for (int i = 0; i < MAILBOX_TASKS; i++) {
      other.loop.execute(() -> {});
    }
    Peer second = peer(at);
    turnUntil(home, "it is open at home", () -> server.connections.size() == 2);
    assertThat(server.connections.get(1).loop()).isSameAs(home.loop);
    second.send("at home");
    until("the echo has come", () -> second.hasReceived("at home"));
  }

  @Test
  void connectionOnItsWayIsOpenedAndEndedByADrainThatGoesOn() {
    Address at = listen();
    open(at, 2);
    Connection paused = server.connections.get(1);
    assumeCanMove();
    paused.pauseReading();
    open(at, 3);
    server.connections.get(2).abort();
    until("it is gone", () -> server.closed.get() == 1);
    Peer late = onItsWay(at);
    List<Integer> cuts = new ArrayList<>();
    other.manager().drain(LONG_NANOS, cuts::add);
    until("it was opened and ended in order", () -> server.connections.size() == 4 && ended(late));
    assertThat(late.end).isZero();
    assertThat(cuts).isEmpty();
    paused.resumeReading();
    paused.abort();
    until("the drain is over", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(0);
  }

  @Test
  void connectionOnItsWayIsResetIfTheDrainIsOver() {
    Address at = listen();
    open(at, 1);
    assumeCanMove();
    Peer late = onItsWay(at);
    List<Integer> cuts = new ArrayList<>();
    other.manager().drain(LONG_NANOS, cuts::add);
    assertThat(cuts).containsExactly(0);
    until("its peer hears of it", late::hasEnded);
    late.assertWasReset();
    assertThat(server.connections).hasSize(1);
    assertThat(budget.used()).isEqualTo(1);
    assertThat(other.count(Counter.ACCEPT_FAILURES)).isEqualTo(1);
  }

  @Test
  void whatListensAfterADrainIsSpreadAgain() {
    listen();
    home.manager().drain(LONG_NANOS, cut -> {});
    other.manager().drain(LONG_NANOS, cut -> {});
    open(listen(), 2);
    assumeCanMove();
    assertThat(server.connections.get(1).loop()).isSameAs(other.loop);
  }

  @Test
  void listenerAtTheLimitGoesOnWhenAnotherLoopHasRoomAgain() {
    Address at = listen();
    open(at, MOST);
    Peer waiting = peer(at);
    until("the listener rests", () -> home.count(Counter.ACCEPT_PAUSES) == 1);
    server.connections.get(1).abort();
    until("it is served", () -> server.connections.size() == MOST + 1);
    waiting.send("served");
    until("the echo has come", () -> waiting.hasReceived("served"));
  }

  private Address listen() {
    long socket = SocketPair.listen(world);
    Address at = sockets.localAddress(socket);
    ListenVerdict verdict = new ListenVerdict();
    verdict.grant();
    home.manager()
        .listen(
            socket, server, verdict, new Spread(List.of(home.manager(), other.manager())));
    return at;
  }

  private Peer peer(Address at) {
    return use(new Peer(world, at));
  }

  /** Connects until the server has had so many. */
  private void open(Address at, int count) {
    while (server.connections.size() < count) {
      int next = server.connections.size() + 1;
      peer(at);
      until("the next is open", () -> server.connections.size() == next);
    }
  }

  /** A connection that the first loop has accepted, and that waits in the mailbox of the second. */
  private Peer onItsWay(Address at) {
    int counted = budget.used();
    Peer peer = peer(at);
    turnUntil(home, "it is accepted", () -> budget.used() == counted + 1);
    return peer;
  }

  private static boolean ended(Peer peer) {
    if (!peer.hasEnded()) {
      return false;
    }
    peer.shutdownOutput();
    return true;
  }

  /** Rings and the simulated port keep what they accept. */
  private void assumeCanMove() {
    assumeTrue(!entry.name().contains("uring") && !entry.name().contains("port"),
        "this port cannot give up what it has accepted");
  }

  private void until(String what, BooleanSupplier condition) {
    Wait.until(what, condition, () -> {
      home.loop.turn();
      other.loop.turn();
    });
  }

  private static void turnUntil(Rig rig, String what, BooleanSupplier condition) {
    Wait.until(what, condition, rig.loop::turn);
  }
}
