package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.limit.Counter;
import io.janus.socket.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** How many connections one turn of a manager accepts, on this machine's kernel. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class AcceptPaceTest extends ManagerTest {
  private static final int PER_TURN = 3;
  private static final int CLIENTS = 12;

  @Test
  void oneTurnAcceptsWhatWaitsUpToTheLimit() throws Exception {
    assumeTrue(world.hasThreads() && drive == Drive.BY_TURNS, "turns of a real kernel are counted");
    assumeFalse(world.name().startsWith("URING"), "a ring accepts as many as a batch holds");
    Rig rig = rig(LIMITS.withAcceptsPerTurn(PER_TURN));
    Scripted server = scripted();
    Address at = rig.listen(server);
    for (int i = 0; i < CLIENTS; i++) {
      peer(at);
    }
    int[] before = new int[1];
    int[] most = new int[1];
    rig.until("all are open", () -> {
      int now = server.connections.size();
      most[0] = Math.max(most[0], now - before[0]);
      before[0] = now;
      return now == CLIENTS;
    });
    assertThat(most[0]).as("most connections of one turn").isBetween(2, PER_TURN);
  }

  @Test
  void burstBeyondTheLimitOfConnectionsIsOnePauseAndNobodyIsLost() throws Exception {
    assumeTrue(world.hasThreads() && drive == Drive.BY_TURNS, "turns of a real kernel are counted");
    Rig rig = rig(LIMITS.withConnections(2).withAcceptPauseMillis(60_000));
    Scripted server = echo();
    Address at = rig.listen(server);
    Peer[] peers = new Peer[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
      peers[i] = peer(at);
      peers[i].send("p");
    }
    rig.until("accepting rests", () -> rig.count(Counter.ACCEPT_PAUSES) > 0);
    rig.forAWhile();
    assertThat(rig.count(Counter.ACCEPT_PAUSES)).isEqualTo(1);
    assertThat(server.connections).hasSize(2);
    for (int i = 0; i < CLIENTS; i++) {
      Peer next = peers[i];
      rig.until("it is served", () -> next.hasReceived("p"));
      next.shutdownOutput();
    }
  }
}
