package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What an echoed message costs on AFD, by the engine's own counters. */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AfdCallsTest {
  private static final int PEERS = 16;
  private static final int ROUNDS = 20;

  @Test
  void echoedMessageCostsThreeCallsAndItsPartOfAWait() throws Exception {
    try (World world = new KernelWorld(KernelWorld.Engine.AFD);
        Rig rig = new Rig(world, Drive.BY_TURNS, ManagerTest.LIMITS)) {
      Scripted echo = Scripted.echo();
      Address at = rig.listen(echo);
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < PEERS; i++) {
        peers.add(new Peer(world, at));
      }
      rig.until("all are connected", () -> echo.connections.size() == PEERS);
      exchange(rig, peers, 1);
      long[] before = costs(rig.manager().counters());
      for (int round = 2; round < 2 + ROUNDS; round++) {
        exchange(rig, peers, round);
      }
      long[] after = costs(rig.manager().counters());
      long messages = (long) ROUNDS * PEERS;
      assertThat(after[0] - before[0]).as("receives").isEqualTo(messages);
      assertThat(after[1] - before[1]).as("sends").isEqualTo(messages);
      assertThat(after[2] - before[2]).as("polls").isEqualTo(messages);
      assertThat(after[3] - before[3]).as("waits that brought events").isLessThan(messages / 2);
      peers.forEach(Peer::close);
      rig.until("all are closed", () -> echo.closed.get() == PEERS);
      assertThat(echo.violations).isEmpty();
    }
  }

  /** All peers send before the loop takes its next turn. */
  private static void exchange(Rig rig, List<Peer> peers, int bytes) {
    peers.forEach(peer -> peer.send("x"));
    for (Peer peer : peers) {
      rig.until("the echo has come", () -> peer.hasReceived(bytes));
    }
  }

  private static long[] costs(Counters counters) {
    return new long[] {counters.get(Counter.RECEIVE_CALLS), counters.get(Counter.SEND_CALLS),
      counters.get(Counter.CONTROL_CALLS), counters.get(Counter.BATCHES)};
  }
}
