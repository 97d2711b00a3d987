package io.janus.cli;

import io.janus.cli.load.LoadPlan;
import io.janus.cli.load.LoadReport;
import io.janus.cli.load.LoadReport.Failure;
import io.janus.cli.terminal.Figure;
import io.janus.cli.terminal.HostSystem;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report of a load, for people and for machines. */
record LoadText(LoadPlan plan, LoadReport report, LoadVerdict verdict, String engine) {
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};
  private static final double MEGA = 1e6;

  void print(PrintWriter out) {
    row(
        out, "load",
        "%s and %,d idle to %s, %s, %s, %.2f s, client engine %s",
        Figure.count(report.connected(), "connection"), report.idleConnected(), destination(),
        Figure.count(plan.messageBytes(), "byte"), mode(), report.seconds(), engine);
    row(
        out, "messages", "%,d, %s/s, %s MB/s each way", report.messages(),
        Figure.of("%,.0f", report.rate()), Figure.of("%,.2f", megabytesPerSecond()));
    if (report.measured() == 0 && report.warmup() > 0) {
      row(
          out, "latency", "not measured: all %s came in the warm-up",
          Figure.count(report.warmup(), "answer"));
    } else {
      row(
          out, "latency", "p50 %s   p90 %s   p99 %s   p99.9 %s   max %s µs", micros(50), micros(90),
          micros(99), micros(99.9), micros(100));
    }
    if (plan.isOpenLoop() && report.isMeasured()) {
      row(
          out, "schedule", "%s due; sent late by p50 %s, p99 %s µs (counted in the latency)",
          Figure.count(report.measured(), "message"),
          Figure.of("%,.1f", LoadReport.micros(report.lateness(), 50)),
          Figure.of("%,.1f", LoadReport.micros(report.lateness(), 99)));
    }
    if (report.isMeasured()) {
      row(out, "answers", "%s", answers());
    }
    if (plan.verify()) {
      row(out, "verified", "%s", verified());
      if (plan.idle() > 0) {
        row(
            out, "idle", "%,d of %,d answered a message at the end", report.idleAnswered(),
            report.idleConnected());
      }
    } else if (report.mismatches() > 0) {
      row(out, "wrong", "%s", report.firstMismatch());
    }
    if (!plan.verify()) {
      row(out, "verified", "not asked for; --verify checks every byte");
    }
    if (report.errors() == 0) {
      row(out, "errors", "none");
    }
    for (Failure failure : report.failures()) {
      row(
          out, "errors", "%,d x %s: %s", failure.count(), failure.kind(), failure.sentence());
    }
    if (!HostSystem.remarkOnTimes().isEmpty()) {
      row(out, "note", "%s", HostSystem.remarkOnTimes());
    }
    if (plan.loops() > plan.connections()) {
      row(
          out, "note", "%s opened instead of %,d: none without an active connection (-c)",
          Figure.count(plan.connections(), "client loop"), plan.loops());
    }
    if (report.messages() == 0) {
      row(out, "note", "%s", verdict.nothingAnswered());
    }
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("remark", HostSystem.remarkOnTimes());
    map.put("address", plan.to().toString());
    map.put("engine", engine);
    map.put("loop", plan.isOpenLoop() ? "open" : "closed");
    map.put("ratePerSecond", plan.ratePerSecond());
    map.put("loops", Math.min(plan.loops(), plan.connections()));
    map.put("depth", plan.depth());
    map.put("messageBytes", plan.messageBytes());
    map.put("connections", report.connected());
    map.put("idleConnections", report.idleConnected());
    map.put("idleAnswered", plan.verify() ? report.idleAnswered() : null);
    map.put("destinations", report.destinations());
    map.put("seconds", report.seconds());
    map.put("messages", report.messages());
    map.put("due", plan.isOpenLoop() ? report.measured() : null);
    map.put("warmupMessages", report.warmup());
    map.put("late", report.late());
    map.put("messagesPerSecond", report.rate());
    map.put("megabytesPerSecond", megabytesPerSecond());
    map.put("latencyMicros", percentiles());
    map.put("sentLateMicrosP50", LoadReport.micros(report.lateness(), 50));
    map.put("sentLateMicrosP99", LoadReport.micros(report.lateness(), 99));
    map.put("unanswered", report.unanswered());
    map.put("unansweredAfterSeconds", report.settledSeconds());
    map.put("unreturnedBytes", report.unreturnedBytes());
    map.put("verify", plan.verify());
    map.put("verifiedBytes", report.verifiedBytes());
    map.put("mismatches", report.mismatches());
    map.put("firstMismatch", report.firstMismatch());
    List<Object> errors = new ArrayList<>();
    for (Failure failure : report.failures()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("kind", failure.kind().name());
      entry.put("count", failure.count());
      entry.put("first", failure.sentence());
      errors.add(entry);
    }
    map.put("errors", errors);
    map.put("error", verdict.sentence());
    return map;
  }

  private Map<String, Object> percentiles() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (double percentile : PERCENTILES) {
      String name =
          percentile == 100 ? "max"
              : "p" + String.format(Locale.ROOT, "%s", percentile).replace(".0", "");
      map.put(name, report.micros(percentile));
    }
    return map;
  }

  private String micros(double percentile) {
    return Figure.of("%,.1f", report.micros(percentile));
  }

  /** What came, or did not come, when the measured time was over. */
  private String answers() {
    if (report.late() == 0 && report.unanswered() == 0) {
      return "all came within the measured time";
    }
    String late =
        report.late() == 0 ? ""
            : Figure.count(report.late(), "answer")
                + " came after the measured time (counted in the latency, not in messages/s); ";
    return late
        + (report.unanswered() == 0 ? "none is missing" : unanswered());
  }

  private String unanswered() {
    String many = Figure.count(report.unanswered(), "message") + " unanswered ";
    return report.settledSeconds() > 0
        ? many + String.format(
            Locale.ROOT, "%.2f s after the end, when the wait for them ended",
            report.settledSeconds())
        : many + "when the last connection ended";
  }

  private String verified() {
    StringBuilder text = new StringBuilder();
    boolean whole = report.mismatches() == 0 && report.unreturnedBytes() == 0;
    text.append(Figure.count(report.verifiedBytes(), "byte"))
        .append(whole ? ", all right" : " right");
    if (report.unreturnedBytes() > 0) {
      text.append(
          String.format(
              Locale.ROOT, ", %,d that were sent never came back", report.unreturnedBytes()));
    }
    if (report.mismatches() > 0) {
      text.append(", ")
          .append(Figure.count(report.mismatches(), "connection"))
          .append(" with wrong bytes; first: ")
          .append(report.firstMismatch());
    }
    return text.toString();
  }

  private String destination() {
    int more = report.destinations() - 1;
    return more == 0
        ? plan.to().toString()
        : plan.to() + " and the next " + more + (more == 1 ? " address" : " addresses");
  }

  private String mode() {
    return plan.isOpenLoop()
        ? String.format(Locale.ROOT, "open loop at %,d/s", plan.ratePerSecond())
        : "closed loop with depth " + plan.depth();
  }

  private double megabytesPerSecond() {
    return report.rate() * plan.messageBytes() / MEGA;
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
  private static void row(PrintWriter out, String name, String format, Object... values) {
    out.printf(Locale.ROOT, "%-10s", name);
    out.println(String.format(Locale.ROOT, format, values));
  }
}
