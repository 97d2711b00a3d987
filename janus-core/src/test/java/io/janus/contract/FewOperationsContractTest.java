package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.connection.CompletionConnectionManager;
import io.janus.ffi.OsException;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** More peers than operations: on completion an idle connection holds one, and those that are open are served all the same. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class FewOperationsContractTest extends ManagerTest {
  private static final int OPERATIONS = 16;
  private static final int PEERS = 40;

  @Test
  void theOpenOnesAreServedAndTheOthersWhenTheyEnd() throws OsException {
    Rig rig = rig(LIMITS.withOperations(OPERATIONS).withAcceptPauseMillis(1));
    Scripted server = echo();
    Address at = rig.listen(server);
    List<Peer> waiting = new ArrayList<>();
    for (int i = 0; i < PEERS; i++) {
      Peer peer = peer(at);
      peer.send("one");
      waiting.add(peer);
    }
    rig.until("some are answered", () -> answered(waiting, "one").size() >= OPERATIONS / 2);
    for (Peer peer : answered(waiting, "one")) {
      peer.send("two");
      rig.until("one that is open is served on", () -> peer.hasReceived("onetwo"));
    }
    while (!waiting.isEmpty()) {
      rig.until("somebody is answered", () -> !served(waiting).isEmpty());
      List<Peer> done = served(waiting);
      done.forEach(Peer::shutdownOutput);
      waiting.removeAll(done);
    }
    rig.until("all have ended", () -> server.closed.get() == PEERS);
    assertThat(server.failures).isEmpty();
    boolean onPorts = rig.manager() instanceof CompletionConnectionManager;
    assertThat(rig.reports.stream().anyMatch(report -> report.contains("limit of operations")))
        .as("whoever waits is told why, where operations are what lacks")
        .isEqualTo(onPorts);
  }

  private static List<Peer> served(List<Peer> peers) {
    List<Peer> served = answered(peers, "one");
    served.addAll(answered(peers, "onetwo"));
    return served;
  }

  private static List<Peer> answered(List<Peer> peers, String text) {
    return new ArrayList<>(peers.stream().filter(peer -> peer.hasReceived(text)).toList());
  }
}
