package io.janus.cli.compare;

import io.janus.cli.terminal.HostSystem;
import io.janus.cli.terminal.Json;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;

/**
 * The CPU time of an echo server's loops as the server itself is told it. Linux tells it to every process, and more finely; Windows to
 * the process alone, in steps of about 16 ms.
 */
public final class OwnAccount {
  private static final String LOOP_NANOS = "loopNanos";
  private static final String LOOP_USER_NANOS = "loopUserNanos";
  private static final String PROCESS_NANOS = "processNanos";

  /** Windows adds a whole period of its clock, 64 in a second, to the time of the thread that it finds running. */
  private static final double NANOS_PER_TICK = 1e9 / 64;

  private OwnAccount() {}

  /** True where a server must tell, since nobody else can. */
  static boolean isNeeded() {
    return HostSystem.WINDOWS;
  }

  /** Adds the account to a line of the server if it is needed; −1 stands for what the system does not tell. */
  public static void addTo(Map<String, Object> line) {
    if (!isNeeded()) {
      return;
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long all = 0;
    long user = 0;
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().startsWith(ServerUsage.LOOP_THREAD)) {
        all += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
        user += Math.max(0, threads.getThreadUserTime(thread.getThreadId()));
      }
    }
    long process =
        ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(-1L);
    line.put(LOOP_NANOS, all > 0 ? all : -1L);
    line.put(LOOP_USER_NANOS, user);
    line.put(PROCESS_NANOS, process);
  }

  /** Reads the account out of a line. */
  static ServerUsage read(String line) {
    long loop = Json.number(line, LOOP_NANOS);
    long user = Json.number(line, LOOP_USER_NANOS);
    long process = Json.number(line, PROCESS_NANOS);
    return loop < 0
        ? new ServerUsage(line, -1, 0, 0, -1)
        : new ServerUsage(
            line, loop, user / NANOS_PER_TICK, Math.max(0, loop - user) / NANOS_PER_TICK,
            process < 0 ? -1 : process - loop);
  }
}
