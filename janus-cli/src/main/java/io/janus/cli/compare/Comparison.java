package io.janus.cli.compare;

import io.janus.cli.load.Load;
import io.janus.cli.load.LoadPlan;
import io.janus.cli.terminal.CommandFailure;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.Figure;
import io.janus.cli.terminal.Json;
import io.janus.cli.terminal.Progress;
import io.janus.cli.terminal.Signals;
import io.janus.loop.Reporter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/** Measures every available engine with the same load, in alternation, so that whatever drifts drifts for all of them. */
public final class Comparison {
  private static final Duration MOST_HEAT = Duration.ofMillis(1_500);
  private static final int WINDOWS_OF_HEAT = 4;
  private static final int HEAT_CONNECTIONS = 100;
  private static final int IDLE_PASSES = 3;
  private static final int FEW_CONNECTIONS = 10;
  private static final long SIGNAL_GRACE_MILLIS = 300;

  private final ComparePlan plan;
  private final Reporter reporter;
  private final Progress progress;
  private final Signals signals;
  private final List<Sample> samples = new ArrayList<>();
  private final Map<Variant, IdleCost> idleCosts = new LinkedHashMap<>();
  private int wholeRounds;

  /**
   * Measures nothing yet.
   *
   * @param signals the first of them ends it early, with the rounds that are whole by then
   */
  public Comparison(ComparePlan plan, Reporter reporter, Progress progress, Signals signals) {
    this.plan = plan;
    this.reporter = reporter;
    this.progress = progress;
    this.signals = signals;
  }

  /** Runs all rounds, or those before the first signal. */
  public ComparisonResult run() throws IOException, InterruptedException {
    List<Variant> variants = Variant.available(plan.descriptors());
    if (variants.isEmpty()) {
      throw new CommandFailure(
          ExitCode.UNAVAILABLE, "no engine can run here; `janus doctor` tells why");
    }
    Cores cores = Cores.share();
    List<EchoServer> servers = new ArrayList<>();
    try {
      for (Variant variant : variants) {
        pass(Duration.ZERO);
        progress.show("starting a server with engine " + variant.name());
        servers.add(EchoServer.start(variant, cores));
      }
      for (EchoServer server : servers) {
        if (plan.idle() > 0) {
          idleCosts.put(server.variant, idleCost(server));
        }
        progress.show("warming up " + server.variant.name());
        measure(server, fewOf(HEAT_CONNECTIONS), 0, Duration.ZERO, heat());
      }
      rounds(servers);
    } catch (CancellationException | CommandFailure | IOException failure) {
      // Ctrl-C is for all processes of a terminal, and a server may end by it before this process has heard of it.
      if (!signals.await(SIGNAL_GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw failure;
      }
    } finally {
      servers.forEach(EchoServer::close);
    }
    samples.removeIf(sample -> sample.round() > wholeRounds);
    return new ComparisonResult(
        plan, variants, wholeRounds, cores.sentence(), samples, idleCosts);
  }

  private void rounds(List<EchoServer> servers) throws IOException, InterruptedException {
    int done = 0;
    int all = plan.rounds() * plan.connections().size() * servers.size();
    for (int round = 1; round <= plan.rounds(); round++) {
      for (int connections : plan.connections()) {
        for (EchoServer server : turn(servers, round)) {
          progress.show(
              String.format(
                  Locale.ROOT, "round %d of %d: %s with %s (%d %%)", round, plan.rounds(),
                  server.variant.name(), Figure.count(connections, "connection"),
                  100 * done / all));
          samples.add(measure(server, connections, round, plan.warmup(), plan.window()));
          done++;
        }
      }
      wholeRounds = round;
    }
  }

  /**
   * The order of a round. Every second one goes back the way of the one before, so that over the two each row has the same mean
   * place and a steady drift cancels; and each two begin with another row, so that being first or last is nobody's for good.
   *
   * @param round from 1
   */
  static <T> List<T> turn(List<T> rows, int round) {
    List<T> order = new ArrayList<>(rows);
    Collections.rotate(order, -((round - 1) / 2));
    return round % 2 == 1 ? order : order.reversed();
  }

  private Sample measure(
      EchoServer server, int connections, int round, Duration warmup, Duration window)
      throws IOException, InterruptedException {
    try (Load load = new Load(load(server, connections, 0), reporter)) {
      load.connect(count -> {}, signals::asked);
      load.start();
      pass(warmup);
      ServerUsage before = server.usage();
      load.beginWindow();
      pass(window);
      load.endWindow();
      ServerUsage after = server.usage();
      return Sample.of(
          round, server.variant, connections, plan.messageBytes(), load.report(), before, after);
    }
  }

  private void pass(Duration time) throws InterruptedException {
    if (signals.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new CancellationException("ended by " + signals.name());
    }
  }

  /** In several passes, since what else a process does with its memory is of the same size. */
  private IdleCost idleCost(EchoServer server) throws IOException, InterruptedException {
    double[] heap = new double[IDLE_PASSES];
    double[] outside = new double[IDLE_PASSES];
    int idle = 0;
    // A few connections and a first answer have the classes loaded and the garbage of that collected.
    measure(server, fewOf(FEW_CONNECTIONS), 0, Duration.ZERO, plan.warmup());
    server.memory();
    for (int pass = 0; pass < IDLE_PASSES; pass++) {
      progress.show("idle connections of " + server.variant.name());
      server.awaitConnections(0);
      String before = server.memory();
      try (Load load = new Load(load(server, 1, plan.idle()), reporter)) {
        load.connect(count -> {}, signals::asked);
        pass(Duration.ZERO);
        server.awaitConnections(1 + plan.idle());
        String during = server.memory();
        idle =
            (int) (Json.number(during, "connections") - Json.number(before, "connections"));
        if (idle < 1) {
          throw new CommandFailure(ExitCode.IO, "no idle connection could be made");
        }
        heap[pass] = difference(before, during, "heapBytes") / idle;
        outside[pass] = difference(before, during, "residentBytes") / idle;
      }
    }
    return new IdleCost(idle, heap, outside);
  }

  /** No more than is measured with, for which there is room: whoever asks for few may have descriptors for few. */
  private int fewOf(int connections) {
    return Math.min(connections, Collections.max(plan.connections()));
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
