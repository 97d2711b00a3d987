package io.janus.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whether a silent connection makes the busy ones dearer.
 *
 * <p>The same 190 connections send the same load twice: once among 1,000 connections, once among
 * 19,000, where they are one in a hundred. The figure is the CPU time by message in the large
 * population over that in the small one; 1 means that silent connections cost no CPU time.
 *
 * <p>Both runs of a pair meet the same process, so that two compilations by the JVM do not show as
 * a difference of the populations, and every other pair begins with the large one.
 */
final class ScaleComparison {
  private static final int ACTIVE = 190;
  private static final int SMALL = 1_000;
  private static final int LARGE = 19_000;
  private static final double PRIMING_SECONDS = 1;
  private static final double SETTLE_SECONDS = 0.3;

  private final Workbench bench;
  private final LoadShape small;
  private final LoadShape large;

  ScaleComparison(Workbench bench, LoadShape load) {
    this.bench = bench;
    this.small = load.withPopulation(ACTIVE, SMALL - ACTIVE);
    this.large = load.withPopulation(ACTIVE, LARGE - ACTIVE);
  }

  private record Pair(Measurement small, Measurement large) {
    double ratio() {
      return large.totalMicros() / small.totalMicros();
    }
  }

  Map<String, Object> run(List<Peer> peers, int rounds, int windows) throws IOException {
    Map<String, List<Pair>> pairs = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Peer peer : Workbench.rotated(peers, round)) {
        List<Pair> own = pairs.computeIfAbsent(peer.name(), _ -> new ArrayList<>());
        for (Pair pair : measure(peer, windows)) {
          own.add(pair);
          System.out.printf(
              Locale.ROOT, "round %d  %-14s %.3f%n", round + 1, peer.name(), pair.ratio());
        }
      }
    }
    return report(peers, pairs);
  }

  private List<Pair> measure(Peer peer, int windows) throws IOException {
    List<Pair> pairs = new ArrayList<>();
    try (ServerProcess server = bench.start(peer)) {
      // Discarded: without it the first run of a pair would pay for the JVM's compilations.
      bench.measure(server, small.lasting(small.warmup(), PRIMING_SECONDS));
      for (int window = 0; window < windows; window++) {
        boolean largeFirst = window % 2 == 1;
        Measurement first = window(server, largeFirst ? large : small);
        Measurement second = window(server, largeFirst ? small : large);
        pairs.add(largeFirst ? new Pair(second, first) : new Pair(first, second));
      }
    }
    return pairs;
  }

  private Measurement window(ServerProcess server, LoadShape load) throws IOException {
    server.awaitQuiet();
    return bench.measure(server, load.lasting(SETTLE_SECONDS, load.seconds()));
  }

  private static Map<String, Object> report(List<Peer> peers, Map<String, List<Pair>> pairs) {
    Table table =
        new Table("server", "large / small", "total us, 1,000 open", "total us, 19,000 open");
    Map<String, Object> json = new LinkedHashMap<>();
    for (Peer peer : peers) {
      List<Pair> runs = pairs.getOrDefault(peer.name(), List.of());
      Spread ratio = Spread.of(runs, Pair::ratio);
      table.add(
          List.of(
              peer.name(),
              ratio.formatWithRange(3),
              Spread.of(runs, pair -> pair.small().totalMicros()).formatWithRange(2),
              Spread.of(runs, pair -> pair.large().totalMicros()).formatWithRange(2)));
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("ratio", ratio.toJson());
      entry.put("small", runs.stream().map(pair -> pair.small().toJson()).toList());
      entry.put("large", runs.stream().map(pair -> pair.large().toJson()).toList());
      json.put(peer.name(), entry);
    }
    System.out.printf("%nCPU time by message, 190 active connections among 19,000 and 1,000%n");
    System.out.print(table);
    return json;
  }
}
