package io.janus.cli.compare;

import io.janus.cli.terminal.HostSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Which cores the servers and the load run on. On the same core they would take time from each other. */
final class Cores {
  private final List<Integer> allowed;
  private final String refusal;

  private Cores(List<Integer> allowed, String refusal) {
    this.allowed = allowed;
    this.refusal = refusal;
  }

  /** Looks at the machine and moves this process, which makes the load, away from the servers' core. */
  static Cores share() throws InterruptedException {
    if (HostSystem.WINDOWS) {
      return unpinned("Janus moves processes to cores by taskset, which Windows lacks");
    }
    List<Integer> allowed = allowed();
    if (allowed.size() < 2) {
      return new Cores(allowed, "this process may use one core only");
    }
    String others =
        String.join(",", allowed.subList(1, allowed.size()).stream().map(String::valueOf).toList());
    long pid = ProcessHandle.current().pid();
    if (!run("taskset", "-a", "-p", "-c", others, Long.toString(pid))) {
      return new Cores(allowed, "taskset is missing or was refused");
    }
    return new Cores(allowed, "");
  }

  /** Nobody is pinned, for this reason. */
  static Cores unpinned(String why) {
    return new Cores(List.of(), why);
  }

  /** What starts a server on its core. */
  List<String> serverPrefix() {
    return refusal.isEmpty()
        ? List.of("taskset", "-c", allowed.getFirst().toString())
        : List.of();
  }

  /** Who runs where, in one sentence. */
  String sentence() {
    return refusal.isEmpty()
        ? "the servers take turns on core " + allowed.getFirst()
            + ", those that wait being alive there too; the load has core"
            + (allowed.size() == 2 ? " " : "s ")
            + String.join(
                ", ", allowed.subList(1, allowed.size()).stream().map(String::valueOf).toList())
        : "servers and load share the cores, which blurs every figure: " + refusal;
  }

  private static List<Integer> allowed() {
    List<Integer> cores = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Cpus_allowed_list:")) {
          for (String range : line.substring(line.indexOf(':') + 1).strip().split(",", -1)) {
            String[] ends = range.split("-", -1);
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int core = Integer.parseInt(ends[0]); core <= last; core++) {
              cores.add(core);
            }
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Without /proc the cores are not known, and nothing is pinned.
      cores.clear();
    }
    return cores;
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
