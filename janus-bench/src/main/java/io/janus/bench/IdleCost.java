package io.janus.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Memory of a server per idle connection: what N more of them add, over N. */
final class IdleCost {
  /** Long enough that only closing ends the client, short enough that a lost one ends too. */
  private static final double HOLD_SECONDS = 600;

  private static final double SETTLE_SECONDS = 1;
  private static final int PRIMING_TIMES = 5;

  /** Open in both samples, so that memory the priming left free is in use in both. */
  private static final int BASE_CONNECTIONS = 2_000;

  private final Workbench bench;
  private final LoadShape load;
  private final int connections;

  IdleCost(Workbench bench, LoadShape load, int connections) {
    this.bench = bench;
    this.load = load;
    this.connections = connections;
  }

  /** Bytes by connection, split as a sample is. */
  private record Cost(double nativeBytes, double heapBytes) {
    double total() {
      return nativeBytes + heapBytes;
    }

    Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("total_bytes", total());
      json.put("native_bytes", nativeBytes);
      json.put("heap_bytes", heapBytes);
      return json;
    }
  }

  Map<String, Object> run(List<Peer> peers, int rounds) throws IOException {
    Map<String, List<Cost>> costs = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Peer peer : Workbench.rotated(peers, round)) {
        costs.computeIfAbsent(peer.name(), _ -> new ArrayList<>()).add(measure(peer));
      }
    }
    return report(peers, costs);
  }

  private Cost measure(Peer peer) throws IOException {
    try (ServerProcess server = bench.start(peer)) {
      prime(server);
      try (LoadClient first = hold(server, BASE_CONNECTIONS)) {
        MemorySample before = sample(server, first);
        try (LoadClient second = hold(server, connections)) {
          MemorySample after = sample(server, second);
          return new Cost(
              (double) (after.nativeBytes() - before.nativeBytes()) / connections,
              (double) (after.heapBytes() - before.heapBytes()) / connections);
        }
      }
    }
  }

  /**
   * Lets the server load its classes, compile its code and fill its pools: none of that is the
   * price of one more connection.
   */
  private void prime(ServerProcess server) throws IOException {
    LoadShape shape =
        load.withPopulation(BASE_CONNECTIONS, 0).lasting(SETTLE_SECONDS, SETTLE_SECONDS);
    for (int i = 0; i < PRIMING_TIMES; i++) {
      bench.measure(server, shape);
      server.awaitQuiet();
    }
  }

  private LoadClient hold(ServerProcess server, int count) throws IOException {
    return bench.load(server, load.withPopulation(0, count).lasting(SETTLE_SECONDS, HOLD_SECONDS));
  }

  private static MemorySample sample(ServerProcess server, LoadClient client) throws IOException {
    client.awaitReady();
    client.awaitWindowStart();
    return MemorySample.of(server);
  }

  private Map<String, Object> report(List<Peer> peers, Map<String, List<Cost>> costs) {
    Table table =
        new Table("server", "bytes by idle connection", "outside the heap", "in the heap");
    Map<String, Object> json = new LinkedHashMap<>();
    for (Peer peer : peers) {
      List<Cost> runs = costs.getOrDefault(peer.name(), List.of());
      Spread total = Spread.of(runs, Cost::total);
      table.add(
          List.of(
              peer.name(),
              total.formatWithRange(0),
              Spread.of(runs, Cost::nativeBytes).format(0),
              Spread.of(runs, Cost::heapBytes).format(0)));
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("total_bytes", total.toJson());
      entry.put("rounds", runs.stream().map(Cost::toJson).toList());
      json.put(peer.name(), entry);
    }
    System.out.printf("%nMemory by idle connection, %d of them, sockets excluded%n", connections);
    System.out.print(table);
    return json;
  }
}
