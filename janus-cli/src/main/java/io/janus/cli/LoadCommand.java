package io.janus.cli;

import io.janus.cli.load.Load;
import io.janus.cli.load.LoadPlan;
import io.janus.cli.load.LoadReport;
import io.janus.cli.terminal.AddressArgument;
import io.janus.cli.terminal.Bounds;
import io.janus.cli.terminal.CommandFailure;
import io.janus.cli.terminal.ConnectionRoom;
import io.janus.cli.terminal.ConsoleReporter;
import io.janus.cli.terminal.CountArgument;
import io.janus.cli.terminal.Descriptors;
import io.janus.cli.terminal.DurationArgument;
import io.janus.cli.terminal.EngineArgument;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.Figure;
import io.janus.cli.terminal.Json;
import io.janus.cli.terminal.Progress;
import io.janus.cli.terminal.RateArgument;
import io.janus.cli.terminal.Signals;
import io.janus.cli.terminal.SizeArgument;
import io.janus.socket.Address;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code janus load}: puts load on an echo server and measures. */
@Command(
    name = "load",
    description = {
      "Puts load on an echo server and measures latencies, throughput and errors.",
      "",
      "Without --rate each answer brings the next message (closed loop). With --rate messages go out on a fixed schedule (open loop)"
          + " and latency counts from the moment a message was due, so a slow server cannot hide its own delays.",
      "",
      "At the end of the time it waits for answers that are missing: one second with --rate; without, until none has come for a second,"
          + " ten at most. Those that come then count in the latency, not in the throughput. A message without an answer even then is an"
          + " error, and the time it has waited counts in the latency.",
      "",
      "With its last connection lost it asks once whether the server still accepts, by a connection that ends in order.",
      "",
      "Ctrl-C ends early and reports what was measured."
    },
    footer = {
      "",
      "Examples:",
      "  janus load --connect 127.0.0.1:7000 -c 100 --duration 10s",
      "  janus load --connect localhost:7000 -c 50 --rate 20k/s --size 1k --verify",
      "  janus load --connect [::1]:7000 -c 10 --depth 16 --idle 10k --json"
    })
final class LoadCommand implements Callable<Integer> {
  private static final int OPEN_LOOP_DEPTH = 64;
  private static final int MOST_LOOPS = 1024;
  private static final long LOOK_MILLIS = 250;

  @Spec private CommandSpec spec;

  @Option(
      names = "--connect",
      required = true,
      paramLabel = "HOST:PORT",
      converter = AddressArgument.class,
      description = "Echo server: HOST:PORT, [IPV6]:PORT or unix:PATH.") private @Nullable Address connect;

  @Option(
      names = {"-c", "--connections"},
      paramLabel = "N",
      defaultValue = "1",
      converter = CountArgument.class,
      description = "Active connections; default ${DEFAULT-VALUE}.") private int connections = 1;

  @Option(
      names = "--size",
      paramLabel = "B",
      defaultValue = "64",
      converter = SizeArgument.class,
      description = "Bytes of a message: 64, 4k, 1MiB (k = 1024), at most 16MiB; default ${DEFAULT-VALUE}.") private int size =
          64;

  @Option(
      names = "--depth",
      paramLabel = "D",
      converter = CountArgument.class,
      description = "Most messages of a connection that wait for their answer; default 1, with --rate 64.") private @Nullable Integer depth;

  @Option(
      names = "--rate",
      paramLabel = "R/s",
      converter = RateArgument.class,
      description = "Messages per second over all connections: 1000/s, 50k/s (k = 1,000).") private int rate;

  @Option(
      names = "--duration",
      paramLabel = "T",
      defaultValue = "10s",
      converter = DurationArgument.class,
      description = "How long to measure: 500ms, 10s, 5m; default ${DEFAULT-VALUE}.") private Duration duration =
          Duration.ofSeconds(10);

  @Option(
      names = "--warmup",
      paramLabel = "T",
      defaultValue = "1s",
      converter = DurationArgument.class,
      description = "Load before that, which is not counted; default ${DEFAULT-VALUE}.") private Duration warmup =
          Duration.ofSeconds(1);

  @Option(
      names = "--idle",
      paramLabel = "N",
      converter = CountArgument.class,
      description = "More connections that send nothing; default 0. With more connections than local ports (about 28,000) they are"
          + " spread over 127.0.0.1, 127.0.0.2 and so on; the server must listen on 0.0.0.0 then, and sees one connection more at each"
          + " further address, which asks whether it is there and ends in order.") private int idle;

  @Option(names = "--verify",
      description = "Checks every byte that comes back, and at the end that each idle connection still echoes a message.") private boolean verify;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "auto",
      converter = EngineArgument.class,
      completionCandidates = EngineArgument.class,
      description = "The client's own: one of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.") private String engine =
          "auto";

  @Option(
      names = "--descriptors",
      paramLabel = "KIND",
      defaultValue = "process",
      description = "The client's own: where connections live: process = each costs a descriptor of the process, direct = none (engine uring only); default ${DEFAULT-VALUE}.") private Descriptors descriptors =
          Descriptors.process;

  @Option(
      names = "--loops",
      paramLabel = "N",
      defaultValue = "1",
      converter = CountArgument.class,
      description = "The client's event loops, no more than there are active connections (-c); default ${DEFAULT-VALUE}.") private int loops =
          1;

  /** Why the load ended by itself before its time, or empty. */
  private String ending = "";

  @Option(names = "--json", description = "Prints the report as JSON.") private boolean json;

  @Override
  public Integer call() throws Exception {
    LoadPlan plan = plan();
    PrintWriter out = spec.commandLine().getOut();
    Signals signals = Signals.take();
    try (Load load = new Load(plan, new ConsoleReporter(spec.commandLine().getErr()))) {
      LoadReport report = run(load, signals);
      LoadVerdict verdict = new LoadVerdict(plan, report, ending);
      boolean asked = signals.asked();
      int code = asked ? signals.exitCode() : verdict.exitCode();
      if (!verdict.sentence().isEmpty() && !asked) {
        spec.commandLine().getErr().println("janus: " + verdict.sentence());
        spec.commandLine().getErr().flush();
      }
      LoadText text = new LoadText(plan, report, verdict, load.engine());
      if (json) {
        Map<String, Object> map = text.toMap();
        map.put("endedBy", asked ? signals.name() : null);
        map.put("exitCode", code);
        out.println(Json.of(map));
      } else {
        text.print(out);
      }
      out.flush();
      return code;
    }
  }

  private LoadPlan plan() {
    if (duration.isZero()) {
      throw new CommandFailure(ExitCode.USAGE, "--duration is 0; ask for 1ms or more");
    }
    Address to = Objects.requireNonNull(connect);
    if (!(to instanceof Address.Unix) && to.port() == 0) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--connect " + to
              + ": nobody can be reached at port 0; name the one that the server says it listens on, from 1 to 65535");
    }
    Bounds.check("--loops", loops, 1, MOST_LOOPS);
    ConnectionRoom room = room();
    room.check("-c", connections, 1, "");
    room.check("-c and --idle together", (long) connections + idle, 1, "");
    int messages = depth != null ? depth : rate > 0 ? OPEN_LOOP_DEPTH : 1;
    Bounds.check("--depth", messages, 1, LoadPlan.MOST_DEPTH);
    return new LoadPlan(
        to, connections, size, messages, rate, idle, verify, engine,
        loops, descriptors.isDirect());
  }

  /** A loop without an active connection is not opened, so more loops may need more of these. */
  private ConnectionRoom room() {
    LongFunction<String> withLoops =
        number -> "--loops " + number + (connections < number ? " -c " + number : "");
    int opened = Math.clamp(connections, 1, loops);
    return descriptors.isDirect()
        ? ConnectionRoom.ofRings(opened, withLoops)
        : ConnectionRoom.ofProcess()
            .orDirect(engine, withLoops)
            .withinOperations(engine, opened, withLoops);
  }

  private LoadReport run(Load load, Signals signals) throws InterruptedException {
    try (Progress progress = new Progress()) {
      int all = connections + idle;
      load.connect(
          done -> progress.show(String.format(Locale.ROOT, "connected %,d of %,d", done, all)),
          signals::asked);
      if (signals.asked()) {
        // Nothing was measured, and connects on their way are not worth an orderly end.
        return load.report();
      }
      boolean warm = warmUp(load, signals, progress);
      if (warm) {
        pass("measuring", duration, load, signals, progress);
      }
      boolean over = load.isOver();
      load.endWindow();
      if (verify && idle > 0 && !signals.asked()) {
        load.checkIdle(
            done -> progress.show(
                String.format(Locale.ROOT, "%,d of %,d idle connections answered", done, idle)));
      }
      LoadReport report = load.report();
      if (over) {
        ending =
            (warm
                ? String.format(
                    Locale.ROOT, "the load ended %.2f s into the %.2f s to measure: ",
                    report.seconds(), duration.toMillis() / 1e3)
                : "the load ended in its warm-up, before anything was measured: ")
                + load.whyOver();
      }
      progress.show("closing connections");
      load.leave();
      return report;
    }
  }

  /** Lets messages go, and begins the window after the warm-up. True unless all has ended before that. */
  private boolean warmUp(Load load, Signals signals, Progress progress)
      throws InterruptedException {
    if (warmup.isZero()) {
      load.startMeasured();
      return true;
    }
    load.start();
    pass("warming up", warmup, load, signals, progress);
    if (signals.asked() || load.isOver()) {
      return false;
    }
    load.beginWindow();
    return true;
  }

  private static void pass(
      String what, Duration time, Load load, Signals signals, Progress progress)
      throws InterruptedException {
    long start = System.nanoTime();
    long left = time.toMillis();
    // With its last connection gone a load stands still, and time that passes then belongs to no average.
    while (left > 0 && !load.isOver()
        && !signals.await(Math.min(left, LOOK_MILLIS), TimeUnit.MILLISECONDS)) {
      long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      left = time.toMillis() - passed;
      progress.show(
          String.format(
              Locale.ROOT, "%s: %.1f of %.1f s, %s", what, passed / 1e3,
              time.toMillis() / 1e3, Figure.count(load.received(), "message")));
    }
  }
}
