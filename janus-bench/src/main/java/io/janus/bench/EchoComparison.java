package io.janus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares echo servers: each in a process of its own on the first core, under the same load from
 * the second.
 */
public final class EchoComparison {
  private EchoComparison() {}

  /** Runs the mode the options ask for and prints its table. */
  public static void main(String[] args) throws IOException {
    if (List.of(args).contains("--help")) {
      System.out.print(Options.USAGE);
      return;
    }
    try {
      run(Options.parse(args));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(Options.USAGE);
      System.exit(2);
    }
  }

  private static void run(Options options) throws IOException {
    Workbench bench = new Workbench();
    if (options.mode() == Options.Mode.WAKES) {
      System.exit(compareWakes(bench));
    }
    List<Peer> peers =
        bench.startable(new PeerRoster(bench.programs()).select(options.servers()));
    if (peers.isEmpty()) {
      System.err.println("None of these servers can run here.");
      System.exit(1);
    }
    Map<String, Object> results =
        switch (options.mode()) {
          case COMPARE ->
              new CostComparison(bench, options.load())
                  .run(peers, options.rounds(), options.windows(), options.systemCalls());
          case IDLE_COST ->
              new IdleCost(bench, options.load(), options.idleConnections())
                  .run(peers, options.rounds());
          case SCALE ->
              new ScaleComparison(bench, options.load())
                  .run(peers, options.rounds(), options.windows());
          case WAKES -> throw new AssertionError("wakes need no peers");
        };
    Path json = options.json();
    if (json != null) {
      Files.writeString(json, Json.write(document(options, peers, results)) + "\n");
    }
  }

  /** Runs the C program that compares them, and returns its exit code. */
  private static int compareWakes(Workbench bench) throws IOException {
    Optional<Path> program = bench.programs().findWith("uring", "wake_uring");
    if (program.isEmpty()) {
      System.err.println(
          "the twin in C on io_uring is not built: gcc or liburing-dev (2.3 or newer) is missing.");
      return 1;
    }
    return Children.await(new ProcessBuilder(program.get().toString()).inheritIO().start());
  }

  private static Map<String, Object> document(
      Options options, List<Peer> peers, Map<String, Object> results) {
    LoadShape load = options.load();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("mode", options.mode());
    document.put("servers", peers.stream().map(Peer::name).toList());
    document.put("rounds", options.rounds());
    document.put("windows", options.windows());
    document.put("connections", load.connections());
    document.put("size", load.size());
    document.put("depth", load.depth());
    document.put("seconds", load.seconds());
    document.put("warmup", load.warmup());
    document.put("idle", load.idle());
    document.put("idle_cost", options.idleConnections());
    document.put("java", Runtime.version());
    document.put("results", results);
    return document;
  }
}
