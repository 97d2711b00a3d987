package io.janus.cli.compare;

import io.janus.cli.terminal.Json;
import io.janus.limit.Counter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a server has used since its start: its own counters and the kernel's account of its threads, read from outside where the system
 * allows that.
 *
 * @param counters the line that the server gave
 * @param loopNanos CPU time of the loop's thread; −1 if the system does not tell
 * @param userTicks clock ticks of the system (10 ms on Linux, 15.6 ms on Windows) that found it in user code
 * @param systemTicks clock ticks that found it in the kernel
 * @param otherNanos CPU time of all other threads; −1 if the system does not tell
 */
record ServerUsage(
    String counters, long loopNanos, double userTicks, double systemTicks, long otherNanos) {
  /** How the names of the loops' threads begin. */
  static final String LOOP_THREAD = "janus-loop";
  private static final int STAT_USER = 11;
  private static final int STAT_SYSTEM = 12;
  private static final long NANOS_PER_TICK = 10_000_000;

  static ServerUsage read(long pid, String counters) throws IOException {
    return OwnAccount.isNeeded() ? OwnAccount.read(counters) : readOfProc(pid, counters);
  }

  /** CPU time from here to a later look, in nanoseconds; not-a-number if the system does not tell. */
  static double between(long before, long after) {
    return before < 0 || after < 0 ? Double.NaN : after - before;
  }

  private static ServerUsage readOfProc(long pid, String counters) throws IOException {
    long loop = 0;
    long user = 0;
    long system = 0;
    long other = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads) {
        // The name stands in parentheses and may hold blanks; the numbers follow it.
        String stat = Files.readString(thread.resolve("stat"));
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        String[] numbers = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long userTicks = Long.parseLong(numbers[STAT_USER]);
        long systemTicks = Long.parseLong(numbers[STAT_SYSTEM]);
        long nanos = nanos(thread, userTicks + systemTicks);
        if (name.startsWith(LOOP_THREAD)) {
          loop += nanos;
          user += userTicks;
          system += systemTicks;
        } else {
          other += nanos;
        }
      }
    }
    return new ServerUsage(counters, loop, user, system, other);
  }

  long counter(Counter counter) {
    return Json.number(counters, counter.name());
  }

  long systemCalls() {
    return Json.number(counters, "SYSTEM_CALLS");
  }

  /** The scheduler's account is exact to the nanosecond; a kernel without it counts ticks. */
  private static long nanos(Path thread, long ticks) {
    try {
      String account = Files.readString(thread.resolve("schedstat"));
      return Long.parseLong(account.substring(0, account.indexOf(' ')));
    } catch (IOException | RuntimeException e) {
      return ticks * NANOS_PER_TICK;
    }
  }
}
