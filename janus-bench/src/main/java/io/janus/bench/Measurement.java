package io.janus.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of one run.
 *
 * @param totalMicros CPU time of the server for each message
 * @param userMicros the part in user mode, estimated from the share of ticks
 * @param systemMicros the part in the kernel, likewise
 * @param serverBusy the share of its core the server used; below 1 the client was the limit
 * @param clientBusy the share of its core the client used
 * @param userTicks clock ticks that found the server in user mode
 * @param ticks all clock ticks that found the server running
 */
record Measurement(
    LoadReport report,
    double totalMicros,
    double userMicros,
    double systemMicros,
    double serverBusy,
    double clientBusy,
    long userTicks,
    long ticks) {

  private static final double MICROS_PER_SECOND = 1e6;

  /** Puts the load on the server and measures what it costs. */
  static Measurement take(Path client, ServerProcess server, LoadShape shape) throws IOException {
    try (LoadClient load = LoadClient.start(client, server, shape)) {
      load.awaitReady();
      load.awaitWindowStart();
      CpuSample before = CpuSample.of(server.pid());
      load.awaitWindowEnd();
      CpuSample after = CpuSample.of(server.pid());
      return of(before, after, load.report());
    }
  }

  /**
   * Divides two rates, CPU by second and messages by second, and not two sums: the samples lag the
   * client's window by whatever time the machine took to wake this process.
   */
  private static Measurement of(CpuSample before, CpuSample after, LoadReport report) {
    double busy = (double) before.onCpuUntil(after) / (after.nanos() - before.nanos());
    double total = busy / report.messagesPerSecond() * MICROS_PER_SECOND;
    double user = total * before.userShareUntil(after);
    double clientBusy = report.clientCpuSeconds() / report.seconds();
    return new Measurement(
        report,
        total,
        user,
        total - user,
        busy,
        clientBusy,
        after.userTicks() - before.userTicks(),
        after.userTicks() + after.systemTicks() - before.userTicks() - before.systemTicks());
  }

  /**
   * User time of several windows of one server: the ticks of a single short window are too few to
   * tell it.
   */
  static double userMicros(List<Measurement> windows) {
    long user = windows.stream().mapToLong(Measurement::userTicks).sum();
    long all = windows.stream().mapToLong(Measurement::ticks).sum();
    double total = windows.stream().mapToDouble(Measurement::totalMicros).average().orElseThrow();
    return all == 0 ? 0 : total * user / all;
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("messages_per_second", report.messagesPerSecond());
    json.put("messages", report.messages());
    json.put("seconds", report.seconds());
    json.put("total_us", totalMicros);
    json.put("user_us", userMicros);
    json.put("system_us", systemMicros);
    json.put("p50_us", report.p50Micros());
    json.put("p99_us", report.p99Micros());
    json.put("server_busy", serverBusy);
    json.put("client_busy", clientBusy);
    json.put("errors", report.errors());
    return json;
  }
}
