package io.janus.cli;

import io.janus.Janus;
import io.janus.cli.terminal.Figure;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What an echo server did between two looks.
 *
 * @param connections open at the second one
 * @param nanos between them
 * @param from the counters then
 * @param to the counters now
 */
record EchoStatistics(int connections, long nanos, Counters from, Counters to) {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MEGA = 1e6;

  /** Since a look at these counters, so long ago. */
  static EchoStatistics of(Janus janus, Counters before, long nanos) {
    return new EchoStatistics(janus.connections(), nanos, before, janus.counters());
  }

  /** One line for people. */
  String text() {
    return String.format(
        Locale.ROOT,
        "%s (+%,d -%,d, %,d failed), %,.0f messages/s, %,.2f MB/s, %s system calls per message,"
            + " batch %s, %,d EAGAIN, %s",
        Figure.count(connections, "connection"),
        delta(Counter.ACCEPTED),
        delta(Counter.CLOSED),
        delta(Counter.FAILED),
        perSecond(Counter.MESSAGES),
        perSecond(Counter.BYTES_RECEIVED) / MEGA,
        Figure.of("%.2f", systemCallsPerMessage()),
        Figure.of("%.1f", eventsPerBatch()),
        delta(Counter.WOULD_BLOCKS),
        Figure.count(delta(Counter.ACCEPT_PAUSES), "accept pause"));
  }

  /** The same for machines. */
  Map<String, Object> toMap() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("connections", connections);
    line.put("messagesPerSecond", perSecond(Counter.MESSAGES));
    line.put("bytesPerSecond", perSecond(Counter.BYTES_RECEIVED));
    line.put("systemCallsPerMessage", systemCallsPerMessage());
    line.put("eventsPerBatch", eventsPerBatch());
    line.put("wouldBlocks", delta(Counter.WOULD_BLOCKS));
    line.put("waits", delta(Counter.WAIT_CALLS));
    line.put("acceptCalls", delta(Counter.ACCEPT_CALLS));
    line.put("accepted", delta(Counter.ACCEPTED));
    line.put("closed", delta(Counter.CLOSED));
    line.put("failed", delta(Counter.FAILED));
    line.put("acceptPauses", delta(Counter.ACCEPT_PAUSES));
    return line;
  }

  private double systemCallsPerMessage() {
    return ratio(to.systemCalls() - from.systemCalls(), delta(Counter.MESSAGES));
  }

  private double eventsPerBatch() {
    return ratio(delta(Counter.EVENTS), delta(Counter.BATCHES));
  }

  private double perSecond(Counter counter) {
    return delta(counter) * NANOS_PER_SECOND / Math.max(1, nanos);
  }

  private long delta(Counter counter) {
    return to.get(counter) - from.get(counter);
  }

  /** Not-a-number where there is nothing to share it among. */
  private static double ratio(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }
}
