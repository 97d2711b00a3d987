package io.janus.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The CPU time a process has used so far.
 *
 * @param nanos when the sample was taken
 * @param threads nanoseconds on a CPU by thread: exact, but without the split
 * @param userTicks time in user mode by the clock tick, so the split is a statistical one
 * @param systemTicks time in the kernel, likewise
 */
record CpuSample(long nanos, Map<String, Long> threads, long userTicks, long systemTicks) {
  private static final int USER_FIELD = 11;
  private static final int SYSTEM_FIELD = 12;

  static CpuSample of(long pid) throws IOException {
    Path process = Path.of("/proc/" + pid);
    Map<String, Long> threads = new HashMap<>();
    long nanos = System.nanoTime();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path task : tasks) {
        readThread(task, threads);
      }
    }
    String stat = Files.readString(process.resolve("stat"));
    // The name of the process stands in parentheses and may hold blanks; the rest may not.
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    return new CpuSample(
        nanos,
        threads,
        Long.parseLong(fields.get(USER_FIELD)),
        Long.parseLong(fields.get(SYSTEM_FIELD)));
  }

  private static void readThread(Path task, Map<String, Long> threads) {
    try {
      String schedstat = Files.readString(task.resolve("schedstat"));
      long onCpu = Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
      threads.put(task.getFileName().toString(), onCpu);
    } catch (IOException _) {
      // The thread ended between the listing and the reading.
    }
  }

  /** Nanoseconds on a CPU from this sample to the later one, over the threads that live there. */
  long onCpuUntil(CpuSample later) {
    long total = 0;
    for (Map.Entry<String, Long> thread : later.threads.entrySet()) {
      total += thread.getValue() - threads.getOrDefault(thread.getKey(), 0L);
    }
    return total;
  }

  /** The share of the time in between that went to user mode. */
  double userShareUntil(CpuSample later) {
    long user = later.userTicks - userTicks;
    long system = later.systemTicks - systemTicks;
    return user + system == 0 ? 0 : (double) user / (user + system);
  }
}
