package io.janus.cli;

import io.janus.cli.load.LoadPlan;
import io.janus.cli.load.LoadReport;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.Figure;
import java.util.Locale;

/**
 * Whether a load went well, and if not what went wrong, in one sentence.
 *
 * @param ending why it ended by itself before its time, or empty
 */
record LoadVerdict(LoadPlan plan, LoadReport report, String ending) {

  int exitCode() {
    if (report.mismatches() > 0) {
      return ExitCode.DATA;
    }
    return sentence().isEmpty() ? ExitCode.OK : ExitCode.IO;
  }

  /** Empty if all went well. */
  String sentence() {
    if (report.mismatches() > 0) {
      return wrongBytes();
    }
    if (!ending.isEmpty()) {
      return ending;
    }
    if (report.failed() > 0) {
      return Figure.count(report.failed(), "error") + ", first: "
          + report.failures().getFirst().sentence();
    }
    if (report.messages() == 0) {
      return nothingAnswered();
    }
    if (report.unanswered() > 0) {
      return Figure.count(report.unanswered(), "message") + " had no answer "
          + String.format(Locale.ROOT, "%.2f s", report.settledSeconds())
          + " after the end; the server has lost them, or is too slow for this load: lower -c, --depth or --rate";
    }
    return plan.verify() && report.idleAnswered() < report.idleConnected()
        ? String.format(
            Locale.ROOT,
            "%,d of %,d idle connections did not echo a message at the end; look at the server's log",
            report.idleConnected() - report.idleAnswered(), report.idleConnected())
        : "";
  }

  /** Why there is no answer in the time measured: nobody may be asked whether it echoes who has done so before. */
  String nothingAnswered() {
    String warmup = Figure.count(report.warmup(), "message");
    if (!report.isMeasured()) {
      return report.warmup() == 0
          ? "nothing was measured: the load ended before its warm-up was over, and no message was answered in it"
          : "nothing was measured: the load ended in its warm-up, in which " + warmup
              + (report.warmup() == 1 ? " was" : " were")
              + " answered; a shorter --warmup measures earlier";
    }
    if (report.late() > 0) {
      return "no message was answered within the time measured, "
          + Figure.count(report.late(), "message")
          + " after it; ask for a longer --duration";
    }
    return report.warmup() == 0
        ? "no message was answered; is it an echo server?"
        : "no message was answered in the time measured, though " + warmup + (report.warmup() == 1
            ? " was"
            : " were") + " in the warm-up: the server has stopped answering, look at its log";
  }

  private String wrongBytes() {
    return String.format(
        Locale.ROOT,
        "wrong bytes came back on %,d of %s, given up there; first %s; an echo server must send back exactly the"
            + " bytes that came, in their order: look there for a buffer used again too early, or two threads that send at once",
        report.mismatches(),
        Figure.count(report.connected() + report.idleConnected(), "connection"),
        report.firstMismatch());
  }
}
