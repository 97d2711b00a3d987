package io.janus.cli;

import io.janus.EngineOptions;
import io.janus.Janus;
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
import io.janus.cli.terminal.HostSystem;
import io.janus.cli.terminal.Json;
import io.janus.cli.terminal.Progress;
import io.janus.cli.terminal.Signals;
import io.janus.cli.terminal.SizeArgument;
import io.janus.cli.terminal.UnixPath;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code janus echo}: sends every byte back. */
@Command(
    name = "echo",
    description = {
      "Listens and sends every byte back.",
      "",
      "Ctrl-C (or SIGTERM on Linux) stops accepting and lets connections finish within the drain time; a second one ends at once."
          + " A shell script starts its background commands with Ctrl-C ignored; SIGTERM ends those."
    },
    footer = {
      "",
      "Examples:",
      "  janus echo --listen 127.0.0.1:7000",
      "  janus echo --listen [::]:7000 --engine emulated --loops 2 --stats 1s",
      "  janus echo --listen 127.0.0.1:0 --max-connections 10k --idle-timeout 5m --drain 30s"
    })
final class EchoCommand implements Callable<Integer> {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration DRAIN_LOOK = Duration.ofMillis(20);
  private static final int LOOKS_OF_A_LINE = 25;

  private static final int MOST_LOOPS = 1024;

  @Spec private CommandSpec spec;

  @Option(
      names = "--listen",
      required = true,
      paramLabel = "HOST:PORT",
      converter = AddressArgument.class,
      description = "Where to listen: HOST:PORT, [IPV6]:PORT or unix:PATH; port 0 lets the system choose.") private @Nullable Address listen;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "auto",
      converter = EngineArgument.class,
      completionCandidates = EngineArgument.class,
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.") private String engine =
          "auto";

  @Option(
      names = "--descriptors",
      paramLabel = "KIND",
      defaultValue = "process",
      description = "Where connections live: process = each costs a descriptor of the process, direct = none (engine uring only); default ${DEFAULT-VALUE}.") private Descriptors descriptors =
          Descriptors.process;

  @Option(
      names = "--zero-copy",
      paramLabel = "SIZE",
      converter = SizeArgument.class,
      description = "Sends of SIZE and more (64KiB, 1MiB) are not copied into the kernel (engine uring only); by default all are copied.") private int zeroCopy;

  @Option(
      names = "--loops",
      paramLabel = "N",
      converter = CountArgument.class,
      description = "Event loops, each a thread; 0 = one for each processor (the default).") private int loops;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      converter = CountArgument.class,
      description = "Most connections at a time; 0 = as many as the descriptors of the process allow (the default).") private int maxConnections;

  @Option(
      names = "--idle-timeout",
      paramLabel = "T",
      converter = DurationArgument.class,
      description = "Closes a connection without traffic for so long (500ms, 2s, 5m, 1h), also one that does not read its echo; 0 = never (the default).") private Duration idleTimeout =
          Duration.ZERO;

  @Option(
      names = "--write-timeout",
      paramLabel = "T",
      defaultValue = "30s",
      converter = DurationArgument.class,
      description = "Resets a connection whose peer has taken none of its unsent bytes for so long; a slow but steady reader lives; 0 = never; default ${DEFAULT-VALUE}.") private Duration writeTimeout =
          Duration.ofSeconds(30);

  @Option(
      names = "--drain",
      paramLabel = "T",
      defaultValue = "10s",
      converter = DurationArgument.class,
      description = "How long connections may take to finish after the first signal; default ${DEFAULT-VALUE}.") private Duration drain =
          Duration.ofSeconds(10);

  @Option(
      names = "--stats",
      paramLabel = "T",
      converter = DurationArgument.class,
      description = "Prints a line of what happened every T, at least 10ms; 0 = never (the default).") private Duration stats =
          Duration.ZERO;

  @Option(names = "--json", description = "Prints every line as JSON.") private boolean json;

  @Option(
      names = "--wait-first",
      hidden = true,
      description = "The emulation waits for readiness before it tries; for comparing the two.") private boolean waitFirst;

  @Option(
      names = "--every-packet",
      hidden = true,
      description = "What is done at once has a packet all the same (engine iocp only); for comparing the two.") private boolean everyPacket;

  @Option(
      names = "--control",
      hidden = true,
      description = "Answers the lines \"stats\" and \"memory\" of standard input, and ends with it; for janus compare.") private boolean control;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (!stats.isZero() && stats.toMillis() < 10) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--stats " + stats.toMillis() + "ms is below 10ms; ask for a line less often");
    }
    Bounds.check(
        "--loops", loops, 0, MOST_LOOPS, "one for each processor", () -> "ask for 1,024 or less");
    room().check("--max-connections", maxConnections, 0, "as many as possible");
    EngineOptions options =
        new EngineOptions(
            engine, loops, limits(), new ConsoleReporter(err), !waitFirst,
            descriptors.isDirect(), zeroCopy, !everyPacket);
    Signals signals = Signals.take();
    Address wanted = Objects.requireNonNull(listen);
    try (Janus janus = Janus.open(options)) {
      Address actual = listen(janus, wanted);
      signals.beforeSecond(() -> removePath(wanted));
      try {
        announce(out, janus, actual);
        if (control) {
          EchoControl.start(janus, signals, out);
        }
        serve(janus, signals, out);
        finish(janus, signals, err);
      } finally {
        removePath(wanted);
      }
    }
    return ExitCode.OK;
  }

  private ConnectionRoom room() {
    LongFunction<String> withLoops = number -> "--loops " + number;
    int count = loops > 0 ? loops : Runtime.getRuntime().availableProcessors();
    if (descriptors.isDirect()) {
      return ConnectionRoom.ofRings(count, withLoops);
    }
    return ConnectionRoom.ofProcess()
        .orDirect(engine, withLoops)
        .withinOperations(engine, count, withLoops);
  }

  private static Address listen(Janus janus, Address wanted) {
    try {
      return janus.listen(wanted, new EchoHandler());
    } catch (OsException e) {
      throw UnixPath.listenFailure(wanted, e.error());
    }
  }

  private Limits limits() {
    return Limits.defaults()
        .withConnections(maxConnections)
        .withIdleMillis(Math.toIntExact(idleTimeout.toMillis()))
        .withWriteMillis(Math.toIntExact(writeTimeout.toMillis()));
  }

  private void announce(PrintWriter out, Janus janus, Address actual) {
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("event", "listening on " + actual);
      line.put("address", actual.toString());
      line.put("port", actual.port());
      line.put("engine", janus.engine().id());
      line.put("face", janus.engine().face());
      line.put("why", janus.why());
      line.put("loops", janus.loops().size());
      line.put("setUp", janus.setUp());
      line.put("connectionLimit", janus.connectionLimit());
      line.put("pid", ProcessHandle.current().pid());
      out.println(Json.of(line));
    } else {
      String setUp = janus.setUp();
      out.println(
          "listening on " + actual + " with engine " + janus.engine().id() + " ("
              + janus.engine().face() + " by " + janus.engine().kernel() + "; " + janus.why()
              + "), " + Figure.count(janus.loops().size(), "loop")
              + (setUp.isEmpty() ? "" : "; each has a " + setUp));
    }
    out.flush();
  }

  private void serve(Janus janus, Signals signals, PrintWriter out) throws InterruptedException {
    long every = stats.isZero() ? Long.MAX_VALUE : stats.toNanos();
    Counters before = janus.counters();
    long since = System.nanoTime();
    long left = every;
    // A look at the loops does not wait for a line that is far away.
    while (!signals.await(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS)) {
      checkThatOneAccepts(janus);
      long now = System.nanoTime();
      left = every - (now - since);
      if (left <= 0) {
        left = every;
        EchoStatistics statistics = EchoStatistics.of(janus, before, now - since);
        out.println(json ? Json.of(statistics.toMap()) : statistics.text());
        out.flush();
        before = statistics.to();
        since = now;
      }
    }
  }

  /** Loops that have failed are told by the engine, and the others go on as long as one accepts. */
  private void checkThatOneAccepts(Janus janus) {
    List<EventLoop> all = janus.loops();
    if (all.stream().allMatch(EventLoop::hasEnded)) {
      throw new CommandFailure(
          ExitCode.INTERNAL,
          (all.size() == 1 ? "the only loop has" : "all " + all.size() + " loops have")
              + " ended, which the lines before explain; start janus again");
    }
    EventLoop first = all.getFirst();
    if (first.hasEnded() && (listen instanceof Address.Unix || HostSystem.WINDOWS)) {
      throw new CommandFailure(
          ExitCode.INTERNAL,
          "loop " + first.name()
              + ", which accepts for all, has ended, which its own line explains; start janus again");
    }
  }

  private void finish(Janus janus, Signals signals, PrintWriter err) throws InterruptedException {
    int open = janus.connections();
    err.println(
        "janus: " + signals.name() + ": accepting stops, "
            + (open == 0
                ? "no connection is open"
                : Figure.count(open, "connection") + (open == 1 ? " has " : " have ")
                    + DurationArgument.text(drain) + " to finish; a second signal ends at once"));
    err.flush();
    Thread draining =
        Thread.ofPlatform().name("janus-drain").daemon(true).start(() -> drain(janus));
    try (Progress progress = new Progress()) {
      long start = System.nanoTime();
      for (int look = 1; !draining.join(DRAIN_LOOK); look++) {
        if (look % LOOKS_OF_A_LINE == 0) {
          progress.show(
              String.format(
                  Locale.ROOT, "%s left, %.1f of at most %s",
                  Figure.count(janus.connections(), "connection"),
                  (System.nanoTime() - start) / 1e9, DurationArgument.text(drain)));
        }
      }
    }
    // How many are left falls while they are cut, so a look at it tells too few; a loop that does not come back has cut none yet.
    long cut = Math.max(janus.counters().get(Counter.CUT), janus.connections());
    if (cut > 0) {
      err.println(
          "janus: " + Figure.count(cut, "connection") + (cut == 1 ? " was" : " were")
              + " still open after " + DurationArgument.text(drain)
              + " and cut: the peer had not read or not ended; give it longer with --drain");
      err.flush();
    }
  }

  /** Otherwise the path would be busy at the next start. */
  private static void removePath(Address address) {
    if (address instanceof Address.Unix unix) {
      try {
        Files.deleteIfExists(Path.of(unix.path()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void drain(Janus janus) {
    try {
      janus.drain(drain);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      // All loops have ended, and their connections with them; or one takes no task, and its connections are cut and counted.
    }
  }
}
