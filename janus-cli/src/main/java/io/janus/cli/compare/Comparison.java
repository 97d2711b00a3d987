package io.janus.cli.compare;

import io.janus.cli.load.Load;
import io.janus.cli.load.LoadPlan;
import io.janus.cli.load.LoadReport;
import io.janus.cli.terminal.CommandFailure;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.Json;
import io.janus.cli.terminal.Progress;
import io.janus.limit.Counter;
import io.janus.loop.Reporter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures every available engine with the same load, in alternation, so that whatever drifts drifts for all of them. */
public final class Comparison {
  private static final Duration MOST_HEAT = Duration.ofMillis(1_500);
  private static final int WINDOWS_OF_HEAT = 4;
  private static final int HEAT_CONNECTIONS = 100;
  private static final int IDLE_PASSES = 3;
  private static final int FEW_CONNECTIONS = 10;
  private static final double MICROS = 1e3;

  private final ComparePlan plan;
  private final Reporter reporter;
  private final Progress progress;
  private final List<Sample> samples = new ArrayList<>();
  private final Map<Variant, IdleCost> idleCosts = new LinkedHashMap<>();

  /** Measures nothing yet. */
  public Comparison(ComparePlan plan, Reporter reporter, Progress progress) {
    this.plan = plan;
    this.reporter = reporter;
    this.progress = progress;
  }

  /** Runs all rounds. */
  public ComparisonResult run() throws IOException, InterruptedException {
    List<Variant> variants = Variant.available();
    if (variants.isEmpty()) {
      throw new CommandFailure(
          ExitCode.UNAVAILABLE, "no engine can run here; `janus doctor` tells why");
    }
    Cores cores = Cores.share();
    List<EchoServer> servers = new ArrayList<>();
    try {
      for (Variant variant : variants) {
        progress.show("starting a server with engine " + variant.name());
        servers.add(EchoServer.start(variant, cores));
      }
      for (EchoServer server : servers) {
        if (plan.idle() > 0) {
          idleCosts.put(server.variant, idleCost(server));
        }
        progress.show("warming up " + server.variant.name());
        measure(server, HEAT_CONNECTIONS, 0, Duration.ZERO, heat());
      }
      rounds(servers);
    } finally {
      servers.forEach(EchoServer::close);
    }
    return new ComparisonResult(plan, variants, cores.sentence(), samples, idleCosts);
  }

  private void rounds(List<EchoServer> servers) throws IOException, InterruptedException {
    int done = 0;
    int all = plan.rounds() * plan.connections().size() * servers.size();
    for (int round = 1; round <= plan.rounds(); round++) {
      for (int connections : plan.connections()) {
        // There and back again: being first is nobody's for good.
        List<EchoServer> order = round % 2 == 1 ? servers : servers.reversed();
        for (EchoServer server : order) {
          progress.show(
              String.format(
                  Locale.ROOT, "round %d of %d: %s with %,d connections (%d %%)", round,
                  plan.rounds(), server.variant.name(), connections, 100 * done / all));
          samples.add(measure(server, connections, round, plan.warmup(), plan.window()));
          done++;
        }
      }
    }
  }

  private Sample measure(
      EchoServer server, int connections, int round, Duration warmup, Duration window)
      throws IOException, InterruptedException {
    try (Load load = new Load(load(server, connections, 0), reporter)) {
      load.connect(count -> {}, () -> false);
      load.start();
      Thread.sleep(warmup);
      ServerUsage before = server.usage();
      load.beginWindow();
      Thread.sleep(window);
      load.endWindow();
      ServerUsage after = server.usage();
      return sample(server, connections, round, load.report(), before, after);
    }
  }

  private Sample sample(
      EchoServer server,
      int connections,
      int round,
      LoadReport report,
      ServerUsage before,
      ServerUsage after) {
    // The server's own count of messages between its two lines: the same stretch as its CPU time.
    double messages =
        Math.max(
            1, after.counter(Counter.BYTES_RECEIVED) - before.counter(Counter.BYTES_RECEIVED))
            / (double) plan.messageBytes();
    double cpu = (after.loopNanos() - before.loopNanos()) / MICROS / messages;
    double userTicks = after.userTicks() - before.userTicks();
    double systemTicks = after.systemTicks() - before.systemTicks();
    double userShare = userTicks / Math.max(1, userTicks + systemTicks);
    double batches = after.counter(Counter.BATCHES) - before.counter(Counter.BATCHES);
    return new Sample(
        round,
        server.variant,
        connections,
        report.rate(),
        report.micros(50),
        report.micros(99),
        report.micros(99.9),
        cpu * userShare,
        cpu * (1 - userShare),
        (after.systemCalls() - before.systemCalls()) / messages,
        (after.counter(Counter.EVENTS) - before.counter(Counter.EVENTS)) / Math.max(1, batches),
        (after.counter(Counter.WOULD_BLOCKS) - before.counter(Counter.WOULD_BLOCKS)) / messages,
        (after.otherNanos() - before.otherNanos()) / MICROS / messages,
        report.errors());
  }

  /**
   * In several passes: on the heap the largest counts, since tables that grew before and caches emptied meanwhile make it look
   * small; beside the heap the smallest, since the compiler's own memory makes it look large.
   */
  private IdleCost idleCost(EchoServer server) throws IOException, InterruptedException {
    double heap = 0;
    double outside = Double.MAX_VALUE;
    int idle = 0;
    // A few connections and a first answer have the classes loaded and the garbage of that collected.
    measure(server, FEW_CONNECTIONS, 0, Duration.ZERO, plan.warmup());
    server.memory();
    for (int pass = 0; pass < IDLE_PASSES; pass++) {
      progress.show("idle connections of " + server.variant.name());
      server.awaitConnections(0);
      String before = server.memory();
      try (Load load = new Load(load(server, 1, plan.idle()), reporter)) {
        load.connect(count -> {}, () -> false);
        server.awaitConnections(1 + plan.idle());
        String during = server.memory();
        idle =
            (int) (Json.number(during, "connections") - Json.number(before, "connections"));
        if (idle < 1) {
          throw new CommandFailure(ExitCode.IO, "no idle connection could be made");
        }
        heap = Math.max(heap, difference(before, during, "heapBytes") / idle);
        outside =
            Math.clamp(difference(before, during, "residentBytes") / idle, 0, outside);
      }
    }
    return new IdleCost(idle, heap, outside);
  }

  /** Long enough for the compiler, but not longer than what follows is worth. */
  private Duration heat() {
    Duration heat = plan.window().multipliedBy(WINDOWS_OF_HEAT);
    return heat.compareTo(MOST_HEAT) < 0 ? heat : MOST_HEAT;
  }

  private static double difference(String before, String after, String name) {
    return Json.number(after, name) - Json.number(before, name);
  }

  private LoadPlan load(EchoServer server, int connections, int idle) {
    return new LoadPlan(
        server.address(), connections, plan.messageBytes(), 1, 0, idle, false, "auto", 1, false);
  }
}
