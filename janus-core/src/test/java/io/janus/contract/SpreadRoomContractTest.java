package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.Connection;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ListenVerdict;
import io.janus.connection.Spread;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** One loop accepts for two, and each has operations for few connections: who finds no room on one finds it on the other. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managersByTurns")
class SpreadRoomContractTest extends ContractTest {
  /** Room for twelve connections and listeners on completion. */
  private static final Limits LIMITS =
      ManagerTest.LIMITS.withOperations(16).withAcceptPauseMillis(1);

  /** With two listeners as many as the accepting loop has room for there. */
  private static final int OWN = 10;

  private static final int MORE = 8;

  @Parameter(1) Drive drive;

  private final ConnectionBudget budget = new ConnectionBudget(1000);
  private final Scripted own = Scripted.echo();
  private final Scripted spread = Scripted.echo();
  private final List<Peer> peers = new ArrayList<>();
  private Rig home;
  private Rig other;

  @BeforeEach
  void openLoops() throws Exception {
    home = use(new Rig(world, drive, LIMITS, budget));
    other = use(new Rig(world, drive, LIMITS, budget));
  }

  @Test
  void loopWithoutRoomOfItsOwnGoesOnAcceptingForTheOther() throws Exception {
    long socket = SocketPair.listen(world);
    Address at = sockets.localAddress(socket);
    home.manager().listen(socket, own);
    Address forBoth = listenForBoth();
    open(at, own, OWN);
    assumeTrue(!entry.name().contains("uring") && !entry.name().contains("port"),
        "this port cannot give up what it has accepted");
    open(forBoth, spread, MORE);
    assertThat(home.count(Counter.ACCEPT_PAUSES)).isZero();
    assertThat(home.reports).isEmpty();
    // On readiness no connection holds an operation, and every loop has room.
    if (home.manager() instanceof CompletionConnectionManager) {
      assertThat(spread.connections).extracting(Connection::loop).containsOnly(other.loop);
    }
    Peer last = peers.getLast();
    last.send("served");
    until("the echo has come", () -> last.hasReceived("served"));
    home.close();
    other.close();
    assertThat(budget.used()).isZero();
    assertThat(own.violations).isEmpty();
    assertThat(spread.violations).isEmpty();
  }

  private Address listenForBoth() {
    long socket = SocketPair.listen(world);
    Address at = sockets.localAddress(socket);
    ListenVerdict verdict = new ListenVerdict();
    verdict.grant();
    home.manager()
        .listen(
            socket, spread, verdict, new Spread(List.of(home.manager(), other.manager())));
    return at;
  }

  private void open(Address at, Scripted handler, int count) {
    while (handler.connections.size() < count) {
      int next = handler.connections.size() + 1;
      peers.add(use(new Peer(world, at)));
      until("the next is open", () -> handler.connections.size() == next);
    }
  }

  private void until(String what, BooleanSupplier condition) {
    Wait.until(what, condition, () -> {
      home.loop.turn();
      other.loop.turn();
    });
  }
}
