package io.janus.cli.load;

import io.janus.ffi.ErrorKind;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What a load found.
 *
 * @param connected active connections that could be made
 * @param idleConnected idle ones that could be made
 * @param idleAnswered idle ones that echoed a message at the end, if they were asked
 * @param destinations addresses over which they were spread
 * @param seconds length of the window that was measured, without the time after the last connection's end
 * @param messages answers that came in the window; in an open loop that begins with the warm-up's backlog also those to messages
 *     that were due before
 * @param warmup answers that came before the window
 * @param late answers to messages of the window that came after its end; no throughput, but in the latencies
 * @param latencies nanoseconds from the moment a message was sent, in an open loop from the moment it should have been, to
 *     its last byte's return; for every message that was on the way in the window, in an open loop that was due in it
 * @param lateness open loop: nanoseconds by which messages were sent after their moment, a part of the latencies
 * @param unanswered messages of the window whose answer was given up; they stand in the latencies with the time that they had
 *     waited by then, or by their connection's end
 * @param unreturnedBytes bytes of the whole run that were sent and had not come back by then
 * @param settledSeconds how long after the window's end that was; 0 if the last connection's end ended it
 * @param verifiedBytes bytes of the whole run that were checked and right
 * @param mismatches connections on which wrong bytes came
 * @param firstMismatch where the first was, or empty
 * @param failures what went wrong, by kind
 */
public record LoadReport(
    int connected,
    int idleConnected,
    int idleAnswered,
    int destinations,
    double seconds,
    long messages,
    long warmup,
    long late,
    Histogram latencies,
    Histogram lateness,
    long unanswered,
    long unreturnedBytes,
    double settledSeconds,
    long verifiedBytes,
    long mismatches,
    String firstMismatch,
    List<Failure> failures) {

  /**
   * Errors of one kind.
   *
   * @param kind their kind
   * @param count how many
   * @param sentence of the first one
   */
  public record Failure(ErrorKind kind, long count, String sentence) {}

  /** Messages that the latencies are of. */
  public long measured() {
    return latencies.getTotalCount();
  }

  /** Everything that a good server does not do: failures, wrong bytes and messages without an answer. */
  public long errors() {
    return failed() + mismatches + unanswered;
  }

  /** True if there was a window; false if the load ended while it connected or warmed up. */
  public boolean isMeasured() {
    return seconds > 0;
  }

  /** Answers per second of the window; not-a-number if no time was measured. */
  public double rate() {
    return seconds <= 0 ? Double.NaN : messages / seconds;
  }

  /** A percentile of the latencies in microseconds; not-a-number if there are none. */
  public double micros(double percentile) {
    return micros(latencies, percentile);
  }

  /** A percentile of a histogram of nanoseconds in microseconds; not-a-number if it is empty. */
  public static double micros(Histogram nanos, double percentile) {
    return nanos.getTotalCount() == 0 ? Double.NaN : nanos.getValueAtPercentile(percentile) / 1e3;
  }

  /** Errors of all kinds together. */
  public long failed() {
    return failures.stream().mapToLong(Failure::count).sum();
  }
}
