package io.janus.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** CPU time by message, rate and latency of each server under the same load. */
final class CostComparison {
  private static final double WORTH_SHOWING = 0.0005;
  private static final double SETTLE_SECONDS = 0.3;
  private static final double BYTES_PER_MEGABYTE = 1e6;

  private final Workbench bench;
  private final LoadShape load;

  /** The windows of each server by start. */
  private final Map<String, List<List<Measurement>>> starts = new LinkedHashMap<>();

  CostComparison(Workbench bench, LoadShape load) {
    this.bench = bench;
    this.load = load;
  }

  Map<String, Object> run(List<Peer> peers, int rounds, int windows, boolean systemCalls)
      throws IOException {
    for (int round = 0; round < rounds; round++) {
      runRound(Workbench.rotated(peers, round), round, windows);
    }
    printCosts(peers);
    Map<String, Object> json = new LinkedHashMap<>();
    for (Peer peer : peers) {
      json.put(peer.name(), toJson(peer));
    }
    if (systemCalls) {
      json.put("system_calls", countCalls(peers));
    }
    return json;
  }

  /**
   * Starts all servers, warms each up, and lets them take turns in short windows.
   *
   * <p>What the rest of the machine does changes within seconds and compilers differ from start to
   * start: so the turns are short, and there are several starts. A server without load costs nothing.
   */
  private void runRound(List<Peer> peers, int round, int windows) throws IOException {
    List<ServerProcess> servers = new ArrayList<>();
    try {
      for (Peer peer : peers) {
        ServerProcess server = bench.start(peer);
        servers.add(server);
        bench.measure(server, load);
        starts.computeIfAbsent(peer.name(), _ -> new ArrayList<>()).add(new ArrayList<>());
      }
      for (int window = 0; window < windows; window++) {
        for (ServerProcess server : Workbench.rotated(servers, window)) {
          server.awaitQuiet();
          Measurement run = bench.measure(server, load.lasting(SETTLE_SECONDS, load.seconds()));
          starts.get(server.peer().name()).getLast().add(run);
          progress(round, server.peer(), run);
        }
      }
    } finally {
      servers.forEach(ServerProcess::close);
    }
  }

  private static void progress(int round, Peer peer, Measurement run) {
    System.out.printf(
        Locale.ROOT,
        "round %d  %-14s %9.0f msg/s  %6.2f us%s%n",
        round + 1,
        peer.name(),
        run.report().messagesPerSecond(),
        run.totalMicros(),
        run.report().errors() == 0 ? "" : "  ERRORS: " + run.report().errors());
  }

  private List<Measurement> windows(String peer) {
    return starts.getOrDefault(peer, List.of()).stream().flatMap(List::stream).toList();
  }

  private Spread spread(Peer peer, ToDoubleFunction<Measurement> figure) {
    return Spread.of(windows(peer.name()), figure);
  }

  /**
   * The ratio to the twin window by window, or null without a twin.
   *
   * <p>Windows of one turn lie seconds apart, so what the rest of the machine does meanwhile touches
   * both; the medians of whole columns would mix turns of different noise.
   */
  private @Nullable Spread ratio(Peer peer, ToDoubleFunction<Measurement> figure) {
    List<Measurement> twin = windows(PeerRoster.TWIN);
    if (twin.isEmpty()) {
      return null;
    }
    List<Measurement> own = windows(peer.name());
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < own.size(); round++) {
      ratios.add(figure.applyAsDouble(own.get(round)) / figure.applyAsDouble(twin.get(round)));
    }
    return Spread.of(ratios, Double::doubleValue);
  }

  /** User time by start, from all its windows together. */
  private Spread userSpread(Peer peer) {
    return Spread.of(starts.getOrDefault(peer.name(), List.of()), Measurement::userMicros);
  }

  private double userRatio(Peer peer) {
    List<Measurement> twin = windows(PeerRoster.TWIN);
    return twin.isEmpty()
        ? Double.NaN
        : Measurement.userMicros(windows(peer.name())) / Measurement.userMicros(twin);
  }

  /** One way: the same bytes come back. */
  private double megabytesPerSecond(Measurement run) {
    return run.report().messagesPerSecond() * load.size() / BYTES_PER_MEGABYTE;
  }

  private static String format(@Nullable Spread ratio) {
    return ratio == null ? "-" : ratio.formatWithRange(2);
  }

  private void printCosts(List<Peer> peers) {
    Table costs =
        new Table("us of CPU by message", "total", "user", "system", "total / C", "user / C");
    Table rates =
        new Table(
            "rate", "msg/s", "MB/s", "rate / C", "p50 us", "p99 us", "server busy", "client busy");
    for (Peer peer : peers) {
      costs.add(
          List.of(
              peer.name(),
              spread(peer, Measurement::totalMicros).formatWithRange(2),
              userSpread(peer).formatWithRange(2),
              spread(peer, Measurement::systemMicros).formatWithRange(2),
              format(ratio(peer, Measurement::totalMicros)),
              String.format(Locale.ROOT, "%.2f", userRatio(peer))));
      rates.add(
          List.of(
              peer.name(),
              spread(peer, run -> run.report().messagesPerSecond()).formatWithRange(0),
              spread(peer, this::megabytesPerSecond).format(1),
              format(ratio(peer, run -> run.report().messagesPerSecond())),
              spread(peer, run -> run.report().p50Micros()).format(0),
              spread(peer, run -> run.report().p99Micros()).format(0),
              spread(peer, Measurement::serverBusy).format(2),
              spread(peer, Measurement::clientBusy).format(2)));
    }
    System.out.printf(
        Locale.ROOT,
        "%nMedian (min..max); %d connections, %d idle, %d bytes, depth %d, windows of %.1f s%n%n",
        load.connections(),
        load.idle(),
        load.size(),
        load.depth(),
        load.seconds());
    System.out.println(costs);
    System.out.println(rates);
  }

  private Map<String, Object> toJson(Peer peer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("messages_per_second", spread(peer, r -> r.report().messagesPerSecond()).toJson());
    json.put("total_us", spread(peer, Measurement::totalMicros).toJson());
    json.put("user_us", userSpread(peer).toJson());
    json.put("system_us", spread(peer, Measurement::systemMicros).toJson());
    Spread total = ratio(peer, Measurement::totalMicros);
    if (total != null) {
      json.put("total_to_twin", total.toJson());
      json.put("user_to_twin", userRatio(peer));
    }
    json.put("windows", windows(peer.name()).stream().map(Measurement::toJson).toList());
    return json;
  }

  private Map<String, Object> countCalls(List<Peer> peers) throws IOException {
    SystemCalls counter = new SystemCalls(bench, load);
    System.out.println(
        "System calls by message, counted by " + counter.tool() + " in a run of its own");
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("tool", counter.tool());
    for (Peer peer : peers) {
      Map<String, Double> calls = counter.perMessage(peer);
      json.put(peer.name(), calls);
      String names =
          calls.entrySet()
              .stream()
              .filter(call -> !call.getKey().equals(SystemCalls.ALL))
              .filter(call -> call.getValue() >= WORTH_SHOWING)
              .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
              .map(call -> String.format(Locale.ROOT, "%s %.3f", call.getKey(), call.getValue()))
              .collect(Collectors.joining(", "));
      double all = calls.getOrDefault(SystemCalls.ALL, Double.NaN);
      System.out.printf(Locale.ROOT, "%-16s %6.3f  (%s)%n", peer.name(), all, names);
    }
    return json;
  }
}
