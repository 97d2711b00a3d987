package io.janus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * System calls of a server by message, counted in a short run of its own.
 *
 * <p>perf counts in the kernel and hardly slows the server. Where it cannot, strace stops the
 * server at every call, which makes it slower and its batches of events larger than in life.
 */
final class SystemCalls {
  /** The key of the sum. */
  static final String ALL = "all";

  private static final String ALL_EVENT = "raw_syscalls:sys_enter";
  private static final String EVENT_PREFIX = "syscalls:sys_enter_";

  /** What perf counts by name; a call missing here still shows in the count of all. */
  private static final String NAMES =
      "accept4 close epoll_ctl epoll_pwait epoll_pwait2 epoll_wait futex getsockopt"
          + " io_uring_enter io_uring_register madvise mprotect read readv recvfrom recvmsg"
          + " sched_yield sendmsg sendto setsockopt shutdown write writev";

  private static final Pattern PERF_LINE =
      Pattern.compile("(\\d+)\\s+(?:" + ALL_EVENT + "|" + EVENT_PREFIX + "(\\w+))\\s");

  /** Columns of strace -c: share, seconds, microseconds by call, calls, perhaps errors, name. */
  private static final Pattern STRACE_LINE =
      Pattern.compile(
          "(?m)^\\s*[\\d.]+\\s+[\\d.]+\\s+\\d+\\s+(\\d+)\\s+(?:\\d+\\s+)?(?!total)(\\w+)\\s*$");

  private static final double ACCEPT_SECONDS = 1;
  private static final double ATTACH_SECONDS = 1.5;
  private static final double WARMUP_SECONDS = 1;
  private static final double WINDOW_SECONDS = 4;

  private final Workbench bench;
  private final LoadShape shape;
  private final boolean perf;

  SystemCalls(Workbench bench, LoadShape load) {
    this.bench = bench;
    this.shape = load.lasting(WARMUP_SECONDS, WINDOW_SECONDS);
    this.perf = perfWorks();
  }

  /** The tool the counts come from. */
  String tool() {
    return perf ? "perf" : "strace";
  }

  /**
   * Calls by message and name.
   *
   * <p>The client holds its load back until the tool is attached, and its connections open until
   * the tool has stopped: so the counts and the messages belong together exactly.
   */
  Map<String, Double> perMessage(Peer peer) throws IOException {
    Path counts = bench.logs().resolve(peer.name() + ".calls");
    Files.deleteIfExists(counts);
    try (ServerProcess server = bench.start(peer)) {
      // Discarded: a JVM compiles at first, and its compiler threads make calls of their own.
      bench.measure(server, shape);
      server.awaitQuiet();
      return count(server, counts);
    }
  }

  private Map<String, Double> count(ServerProcess server, Path counts) throws IOException {
    try (LoadClient client = bench.loadHeld(server, shape)) {
      client.awaitReady();
      // The kernel completes connections the server has yet to accept.
      Children.sleep(ACCEPT_SECONDS);
      Process tool = attach(server.pid(), counts);
      Children.sleep(ATTACH_SECONDS);
      client.release();
      client.awaitWindowStart();
      client.awaitWindowEnd();
      long messages = client.report().totalMessages();
      interrupt(tool);
      return parse(Files.readString(counts), messages);
    }
  }

  private Process attach(long pid, Path counts) throws IOException {
    String server = Long.toString(pid);
    List<String> command = new ArrayList<>();
    if (perf) {
      command.addAll(
          List.of("perf", "stat", "-o", counts.toString(), "-e", events(), "-p", server));
    } else {
      command.addAll(List.of("strace", "-c", "-f", "-o", counts.toString(), "-p", server));
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    // perf groups digits by the rules of the locale.
    builder.environment().put("LC_ALL", "C");
    return Children.start(
        builder
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD));
  }

  /** Both tools write their counts on SIGINT, and perf only on that; Process cannot send it. */
  private static void interrupt(Process tool) throws IOException {
    Children.await(new ProcessBuilder("kill", "-INT", Long.toString(tool.pid())).start());
    Children.await(tool);
  }

  private Map<String, Double> parse(String text, long messages) {
    Map<String, Double> calls = new LinkedHashMap<>();
    Matcher line = (perf ? PERF_LINE : STRACE_LINE).matcher(text);
    while (line.find()) {
      double count = (double) Long.parseLong(line.group(1)) / messages;
      calls.put(line.group(2) == null ? ALL : line.group(2), count);
    }
    calls.computeIfAbsent(ALL, _ -> calls.values().stream().mapToDouble(c -> c).sum());
    return calls;
  }

  private static String events() {
    return ALL_EVENT
        + Stream.of(NAMES.split(" "))
            .map(name -> "," + EVENT_PREFIX + name)
            .reduce("", String::concat);
  }

  private static boolean perfWorks() {
    try {
      ProcessBuilder builder = new ProcessBuilder("perf", "stat", "-e", events(), "true");
      return Children.await(
          builder
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()) == 0;
    } catch (IOException _) {
      // Not installed, which is what the question was.
      return false;
    }
  }
}
