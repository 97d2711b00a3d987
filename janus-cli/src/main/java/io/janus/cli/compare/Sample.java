package io.janus.cli.compare;

import io.janus.cli.load.LoadReport;
import io.janus.limit.Counter;

/**
 * One measurement of one server.
 *
 * @param round in which
 * @param variant whose
 * @param connections with how many
 * @param messagesPerSecond answered messages, as the client saw them
 * @param p50Micros latency, as the client saw it
 * @param p99Micros likewise
 * @param p999Micros likewise
 * @param cpuMicros CPU time of the server's loop for a message
 * @param userTicks clock ticks that found it in user code
 * @param systemTicks clock ticks that found it in the kernel
 * @param systemCalls of the server's loop for a message
 * @param batch events that one wait brought
 * @param wouldBlocks EAGAINs of the server for a message
 * @param otherCpuMicros CPU time of the server's other threads (compiler, collector) for a message
 * @param errors of the load: failures, wrong bytes, messages without an answer
 */
public record Sample(
    int round,
    Variant variant,
    int connections,
    double messagesPerSecond,
    double p50Micros,
    double p99Micros,
    double p999Micros,
    double cpuMicros,
    double userTicks,
    double systemTicks,
    double systemCalls,
    double batch,
    double wouldBlocks,
    double otherCpuMicros,
    long errors) {

  private static final double NANOS_PER_MICRO = 1e3;

  /** Of what the client reports and what the server used between two looks. */
  static Sample of(
      int round,
      Variant variant,
      int connections,
      int messageBytes,
      LoadReport report,
      ServerUsage before,
      ServerUsage after) {
    // The server's own count of messages between its two lines: the same stretch as its CPU time.
    double bytes = delta(before, after, Counter.BYTES_RECEIVED);
    double messages = bytes > 0 ? bytes / messageBytes : Double.NaN;
    double cpu =
        ServerUsage.between(before.loopNanos(), after.loopNanos()) / NANOS_PER_MICRO / messages;
    double userTicks = after.userTicks() - before.userTicks();
    double systemTicks = after.systemTicks() - before.systemTicks();
    double batches = delta(before, after, Counter.BATCHES);
    return new Sample(
        round,
        variant,
        connections,
        report.rate(),
        report.micros(50),
        report.micros(99),
        report.micros(99.9),
        cpu,
        userTicks,
        systemTicks,
        (after.systemCalls() - before.systemCalls()) / messages,
        batches > 0 ? delta(before, after, Counter.EVENTS) / batches : Double.NaN,
        delta(before, after, Counter.WOULD_BLOCKS) / messages,
        ServerUsage.between(before.otherNanos(), after.otherNanos()) / NANOS_PER_MICRO / messages,
        report.errors());
  }

  /** False if a figure is missing, since no message came or went. */
  boolean isMeasured() {
    return messagesPerSecond > 0 && !Double.isNaN(p99Micros) && !Double.isNaN(cpuMicros)
        && !Double.isNaN(batch);
  }

  private static double delta(ServerUsage before, ServerUsage after, Counter counter) {
    return after.counter(counter) - before.counter(counter);
  }
}
