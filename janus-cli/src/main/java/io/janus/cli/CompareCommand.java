package io.janus.cli;

import io.janus.Engine;
import io.janus.cli.compare.ComparePlan;
import io.janus.cli.compare.Comparison;
import io.janus.cli.compare.ComparisonJson;
import io.janus.cli.compare.ComparisonResult;
import io.janus.cli.compare.ComparisonText;
import io.janus.cli.compare.Rows;
import io.janus.cli.terminal.CommandFailure;
import io.janus.cli.terminal.ConnectionRoom;
import io.janus.cli.terminal.ConsoleReporter;
import io.janus.cli.terminal.CountArgument;
import io.janus.cli.terminal.DurationArgument;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.HostSystem;
import io.janus.cli.terminal.Json;
import io.janus.cli.terminal.MissingFolder;
import io.janus.cli.terminal.Progress;
import io.janus.cli.terminal.Signals;
import io.janus.cli.terminal.SizeArgument;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code janus compare}: the engines of this machine under the same load. */
@Command(
    name = "compare",
    description = {
      "Compares the engines that can run here: each in a process of its own, the same load in alternation.",
      "",
      "Prints a table and says in plain words what differed and how sure that is. Where all five rows can run it takes about 8 minutes;"
          + " --quick about 2. Ctrl-C ends early and tells the rounds that are whole."
    },
    footer = {
      "",
      "Examples:",
      "  janus compare --quick",
      "  janus compare --out result.md",
      "  janus compare --connections 100 --rounds 20 --window 2s --size 4k --json"
    })
final class CompareCommand implements Callable<Integer> {
  /** Many short rounds rather than few long ones: what can be told from chance grows much faster with their number. */
  private static final int QUICK_ROUNDS = 8;

  private static final int ROUNDS = 10;
  private static final Duration QUICK_WINDOW = Duration.ofMillis(300);
  private static final Duration WINDOW = Duration.ofMillis(1_500);
  private static final Duration QUICK_WARMUP = Duration.ofMillis(150);
  private static final Duration WARMUP = Duration.ofMillis(500);
  private static final int QUICK_IDLE = 2_000;
  private static final int IDLE = 5_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      description = "Fewer and shorter rounds: a first impression.") private boolean quick;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Writes the result to a file as well: Markdown if its name ends in .md, else JSON.") private @Nullable String outFile;

  @Option(
      names = "--connections",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,10,100,1000",
      converter = CountArgument.class,
      description = "Numbers of connections to measure with; default ${DEFAULT-VALUE}.") private List<Integer> connections =
          List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      converter = CountArgument.class,
      description = "Measurements of each engine with each number, an even number; default 10, quick 8.") private @Nullable Integer rounds;

  @Option(
      names = "--window",
      paramLabel = "T",
      converter = DurationArgument.class,
      description = "Length of a measurement; default 1500ms, quick 300ms.") private @Nullable Duration window;

  @Option(
      names = "--descriptors",
      paramLabel = "KIND",
      defaultValue = "both",
      description = "The rows of io_uring on Linux: process, direct or both. process = each connection costs a descriptor of the process,"
          + " direct = none; default ${DEFAULT-VALUE}. The other engines know the first kind only.") private Rows descriptors =
              Rows.both;

  @Option(
      names = "--size",
      paramLabel = "B",
      defaultValue = "64",
      converter = SizeArgument.class,
      description = "Bytes of a message; default ${DEFAULT-VALUE}.") private int size = 64;

  @Option(
      names = "--idle",
      paramLabel = "N",
      converter = CountArgument.class,
      description = "Idle connections by which their memory is measured, 0 = not; default 5000, quick 2000.") private @Nullable Integer idle;

  @Option(names = "--json", description = "Prints the result as JSON.") private boolean json;

  @Override
  public Integer call() throws Exception {
    Path file = writable(outFile);
    PrintWriter out = spec.commandLine().getOut();
    Signals signals = Signals.take();
    ComparisonResult result;
    try (Progress progress = new Progress()) {
      result =
          new Comparison(
              plan(), new ConsoleReporter(spec.commandLine().getErr()), progress, signals)
              .run();
    }
    if (result.rounds() == 0) {
      throw new CommandFailure(
          signals.exitCode(),
          "ended by " + signals.name() + " before a round was whole, so there is nothing to tell");
    }
    List<String> text = new ArrayList<>(new ComparisonText(result).lines());
    if (!HostSystem.remarkOnTimes().isEmpty()) {
      text.addFirst("");
      text.addFirst("**" + HostSystem.remarkOnTimes() + ".**");
    }
    Map<String, Object> map = new ComparisonJson(result).toMap();
    map.put("endedBy", signals.asked() ? signals.name() : null);
    if (!result.isWhole()) {
      text.addFirst("");
      text.addFirst(
          String.format(
              Locale.ROOT, "**Ended by %s after %d of %d rounds: all that follows is of these.**",
              signals.name(), result.rounds(), result.plan().rounds()));
    }
    String machine = Json.of(map);
    if (json) {
      out.println(machine);
    } else {
      text.forEach(out::println);
    }
    out.flush();
    if (file != null) {
      boolean markdown = file.toString().endsWith(".md");
      Files.write(file, markdown ? text : List.of(machine));
    }
    return signals.asked() ? signals.exitCode() : ExitCode.OK;
  }

  ComparePlan plan() {
    ConnectionRoom room = room();
    for (int count : connections) {
      room.check("--connections", count, 1, "");
    }
    if (idle != null) {
      // One more connection is active beside them.
      room.without(1).check("--idle", idle, 0, "not measured");
    }
    if (descriptors == Rows.direct && !Engine.URING.refusal().isEmpty()) {
      throw new CommandFailure(
          ExitCode.UNAVAILABLE,
          "--descriptors direct is a part of io_uring, which cannot run here: "
              + Engine.URING.refusal());
    }
    if (descriptors == Rows.direct && !Engine.URING.directRefusal().isEmpty()) {
      throw new CommandFailure(
          ExitCode.UNAVAILABLE, "--descriptors direct: " + Engine.URING.directRefusal());
    }
    return new ComparePlan(
        connections,
        descriptors,
        Objects.requireNonNullElse(rounds, quick ? QUICK_ROUNDS : ROUNDS),
        quick ? QUICK_WARMUP : WARMUP,
        Objects.requireNonNullElse(window, quick ? QUICK_WINDOW : WINDOW),
        size,
        idleConnections());
  }

  /** As many as asked for; by default no more than the descriptors of this process allow. */
  private int idleConnections() {
    if (idle != null) {
      return idle;
    }
    int wanted = quick ? QUICK_IDLE : IDLE;
    return Math.clamp(room().without(1).most(), 0, wanted);
  }

  /** The emulation is among the engines everywhere, and each server and client has one loop. */
  private static ConnectionRoom room() {
    return ConnectionRoom.ofProcess()
        .withinOperations(Engine.EMULATED.id(), 1, loops -> "")
        .toOneAddress();
  }

  /** Found out before the minutes of measuring. */
  private static @Nullable Path writable(@Nullable String name) {
    if (name == null) {
      return null;
    }
    if (name.isBlank()) {
      throw new CommandFailure(ExitCode.USAGE, "--out \"" + name + "\" names no file; name one");
    }
    try {
      Path path = Path.of(name);
      String missing = MissingFolder.of(path);
      if (missing != null || Files.isDirectory(path)) {
        throw new CommandFailure(
            ExitCode.CANNOT_CREATE,
            "--out " + name + ": "
                + (missing != null ? missing : "this is a folder; name a file in it"));
      }
      tryToWrite(path);
      return path;
    } catch (InvalidPathException e) {
      throw new CommandFailure(ExitCode.USAGE, "--out " + name + " is no path: " + e.getReason());
    }
  }

  /**
   * Permissions do not tell all: some file systems take no files, whoever asks. Leaves everything as it was, so what is no file (a pipe would
   * wait for its reader, or end it) and a link that leads nowhere are tried when there is something to write.
   */
  private static void tryToWrite(Path path) {
    boolean isNew = Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
    if (!isNew && !Files.isRegularFile(path)) {
      return;
    }
    try {
      Files.newByteChannel(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
      if (isNew) {
        Files.delete(path);
      }
    } catch (AccessDeniedException e) {
      throw new CommandFailure(
          ExitCode.PERMISSION,
          "--out " + path
              + " may not be written by this user; name another file, or change its permissions");
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.CANNOT_CREATE,
          "--out " + path + " cannot be written ("
              + Objects.requireNonNullElse(
                  e instanceof FileSystemException told ? told.getReason() : e.getMessage(),
                  "no such file can be made there")
              + "); name a file in another folder");
    }
  }
}
