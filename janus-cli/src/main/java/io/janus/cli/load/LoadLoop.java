package io.janus.cli.load;

import io.janus.loop.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/** The active connections of one client loop, its schedule and what it measures. Everything here runs on the loop's thread. */
final class LoadLoop {
  private static final long MOST_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final int DIGITS = 3;

  final EventLoop loop;
  final LoadPlan plan;
  final BytePattern pattern;
  final ErrorTally errors = new ErrorTally();
  final Histogram latencies = newHistogram();
  final Histogram lateness = newHistogram();
  final IdleCheck idle = new IdleCheck(this);
  private final List<LoadConnection> connections = new ArrayList<>();
  private final AtomicBoolean tickWaits = new AtomicBoolean();
  private final Runnable tick = this::tick;

  /** Answers that came in the window. */
  long messages;

  /** Answers that came in the warm-up. */
  long warmup;

  /** Answers to messages of the window that came after its end. */
  long late;

  long unanswered;
  long unreturnedBytes;
  long verifiedBytes;
  long mismatches;
  String firstMismatch = "";

  /** Messages may be sent. */
  boolean sending;

  /** Broken connections are errors; not any more after the end. */
  boolean watching = true;

  private boolean measuring;
  private boolean ended;

  /** What has not been answered by now counts as unanswered. */
  private boolean givenUp;
  private long windowStart;
  private long windowEnd;

  /** The open loop's schedule: message m of this loop is due at base + m * interval. */
  private long base;

  private double intervalNanos;
  private long dueMessages;

  LoadLoop(EventLoop loop, LoadPlan plan, BytePattern pattern) {
    this.loop = loop;
    this.plan = plan;
    this.pattern = pattern;
  }

  static Histogram newHistogram() {
    return new Histogram(MOST_NANOS, DIGITS);
  }

  void add(LoadConnection connection) {
    connections.add(connection);
  }

  int size() {
    return connections.size();
  }

  /**
   * Lets messages go.
   *
   * @param start the same moment for all loops
   * @param allConnections of all loops, among which the rate is shared
   */
  void start(long start, int allConnections) {
    sending = true;
    if (plan.isOpenLoop() && !connections.isEmpty()) {
      base = start;
      double share = (double) connections.size() / allConnections;
      intervalNanos = TimeUnit.SECONDS.toNanos(1) / (plan.ratePerSecond() * share);
      for (int i = 0; i < connections.size(); i++) {
        connections.get(i).slot(i);
      }
      return;
    }
    long now = System.nanoTime();
    connections.forEach(connection -> connection.pump(now));
  }

  void beginWindow(long now) {
    windowStart = now;
    measuring = true;
  }

  void endWindow(long now) {
    if (plan.isOpenLoop()) {
      sendDue(now);
    }
    windowEnd = now;
    ended = true;
    sending = false;
  }

  /** From any thread: has the loop send what is due. At most one such task waits. */
  void wakeForSchedule() {
    if (!tickWaits.getAndSet(true)) {
      loop.execute(tick);
    }
  }

  /** True if every message that was due or sent has been answered. */
  boolean isSettled() {
    return connections.stream().allMatch(LoadConnection::isSettled);
  }

  /** The end: who still waits has waited for so long at least, and is not waited for any more. */
  void recordUnanswered(long now) {
    givenUp = true;
    connections.forEach(connection -> connection.recordUnanswered(now));
  }

  /** When message number {@code sequence} of the connection at {@code slot} was to be sent. */
  long intendedAt(int slot, long sequence) {
    return base + (long) ((sequence * connections.size() + slot) * intervalNanos);
  }

  /** True if the window began before this moment. */
  boolean hasBegunBefore(long moment) {
    return measuring && moment - windowStart >= 0;
  }

  /** An answer came whole. It is throughput of the window in which it came, whenever it was due. */
  void answered(long intended, long now) {
    if (!measuring) {
      warmup++;
      return;
    }
    if (givenUp) {
      return;
    }
    boolean within = !ended || now - windowEnd < 0;
    if (within) {
      messages++;
    }
    if (measures(intended)) {
      late += within ? 0 : 1;
      record(latencies, now - intended);
    }
  }

  void sentLate(long intended, long now) {
    if (measures(intended)) {
      record(lateness, now - intended);
    }
  }

  void unanswered(long intended, long now) {
    if (measures(intended)) {
      unanswered++;
      record(latencies, now - intended);
    }
  }

  void mismatch(String where) {
    mismatches++;
    if (firstMismatch.isEmpty()) {
      firstMismatch = where;
    }
  }

  /** An open loop measures the messages that were due in the window, a closed one all that were on the way in it. */
  private boolean measures(long intended) {
    if (!plan.isOpenLoop()) {
      return measuring;
    }
    return measuring && intended - windowStart >= 0 && (!ended || intended - windowEnd < 0);
  }

  private void tick() {
    tickWaits.set(false);
    if (sending) {
      sendDue(System.nanoTime());
    }
  }

  private void sendDue(long now) {
    int count = connections.size();
    if (count == 0) {
      return;
    }
    // Messages fall due in turn, so the work is that of the messages and not of all connections.
    long due = (long) Math.ceil((now - base) / intervalNanos);
    for (; dueMessages < due; dueMessages++) {
      connections.get((int) (dueMessages % count)).fallsDue(now);
    }
  }

  private static void record(Histogram histogram, long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, MOST_NANOS));
  }
}
