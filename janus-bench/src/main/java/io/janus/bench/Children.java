package io.janus.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The processes this run has started.
 *
 * <p>They end with it, however it ends: a forgotten server would share the core of the next run.
 */
final class Children {
  private static final Set<Process> LIVING = ConcurrentHashMap.newKeySet();
  private static final long GRACE_SECONDS = 5;

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> LIVING.forEach(Process::destroyForcibly)));
  }

  private Children() {}

  static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    LIVING.add(process);
    process.onExit().thenAccept(LIVING::remove);
    return process;
  }

  /** Prefixes the command so that the process and all its threads stay on one core. */
  static List<String> pinned(int core, List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
    pinned.addAll(command);
    return pinned;
  }

  static int await(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while a process ran", e);
    }
  }

  static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while a process ended", e);
    }
  }

  static void sleep(double seconds) {
    try {
      Thread.sleep((long) (seconds * 1000));
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }
}
