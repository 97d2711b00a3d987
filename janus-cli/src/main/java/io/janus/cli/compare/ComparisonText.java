package io.janus.cli.compare;

import io.janus.cli.terminal.Figure;
import io.janus.cli.terminal.HostSystem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A comparison as a table and in plain words; also valid Markdown. */
public record ComparisonText(ComparisonResult result) {
  private static final String ROW =
      "| %11s | %-22s | %10s | %8s | %8s | %8s | %7s | %7s | %6s | %6s | %7s |";
  private static final double ENOUGH_TO_NAME = 0.05;
  private static final double LEAST_SHOWN = 0.01;

  /** All lines. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    ComparePlan plan = result.plan();
    lines.add(
        say("Echo of %,d-byte messages over loopback, one on the way for each connection; %s rounds of %s in alternation.",
            plan.messageBytes(),
            result.isWhole() ? say("%d", plan.rounds())
                : say("%d of %d", result.rounds(), plan.rounds()),
            plan.window().toMillis() + " ms"));
    lines.add("Means over the rounds; " + result.cores() + ".");
    lines.add("");
    lines.add(
        say(ROW, "connections", "engine", "messages/s", "p50 µs", "p99 µs", "p99.9 µs", "user µs",
            "sys µs", "calls", "batch", "EAGAIN"));
    lines.add(
        "|" + "-".repeat(12) + ":|" + "-".repeat(24) + ("|" + "-".repeat(11) + ":")
            + ("|" + "-".repeat(9) + ":").repeat(3) + ("|" + "-".repeat(8) + ":").repeat(2)
            + ("|" + "-".repeat(7) + ":").repeat(2) + "|" + "-".repeat(8) + ":|");
    for (int connections : plan.connections()) {
      for (Variant variant : result.variants()) {
        lines.add(row(connections, variant));
      }
    }
    lines.add("");
    lines.add(legend());
    lines.add("");
    lines.add(
        "A difference is the geometric mean of the rounds' ratios to the row compared with; its spread is the factor by which the true"
            + " ratio may be larger or smaller: +10.0 % with a spread of ±2.0 % means from 1.10 / 1.02 to 1.10 × 1.02, so +7.8 % to +12.2 %.");
    lines.add("");
    lines.add(level());
    lines.add("");
    plan.connections().forEach(connections -> lines.addAll(words(connections)));
    lines.addAll(idleWords());
    lines.add(trust());
    return lines;
  }

  private String legend() {
    boolean polls =
        HostSystem.WINDOWS
            && result.variants().stream().anyMatch(variant -> !variant.engine().equals("iocp"));
    return "user, sys, calls and EAGAIN are the server's for one message: CPU time of its loop in µs ("
        + (HostSystem.WINDOWS ? "counted in clock ticks of 15.6 ms"
            : "their sum is exact, their shares are counted in clock ticks")
        + ": \"<\" is what no tick has hit), system calls (waits, registrations or polls, receives, sends, accepts),"
        + " calls that would have blocked."
        + (polls
            ? " On the AFD device a message has a receive, a send and a poll of its own and its part of a wait, which with one"
                + " connection is a whole one: 4 calls."
            : "");
  }

  /** How sure "sure" is. */
  private String level() {
    int verdicts = result.verdicts();
    double percent = 100 * ComparisonResult.DOUBT;
    return say(
        "\"Sure\" is said so that all %,d differences of this run together (every pair of rows; CPU time, throughput, p99) have a chance"
            + " of %.0f %% to hold a wrong one: each alone of %.3f %% (Bonferroni).",
        verdicts, percent, percent / verdicts);
  }

  private String trust() {
    long errors = result.errors();
    long unmeasured = result.unmeasured();
    if (errors == 0 && unmeasured == 0) {
      return "No errors.";
    }
    String missing =
        unmeasured == 0 ? ""
            : say("%,d of %,d measurements lack a figure", unmeasured, result.samples().size());
    String failed = errors == 0 ? "" : Figure.count(errors, "error");
    String both = missing.isEmpty() || failed.isEmpty() ? "" : ", ";
    return failed + both + missing + ": do not trust these figures.";
  }

  private String row(int connections, Variant variant) {
    return say(
        ROW,
        say("%,d", connections),
        variant.name(),
        Figure.of("%,.0f", result.mean(variant, connections, Sample::messagesPerSecond)),
        Figure.of("%,.1f", result.mean(variant, connections, Sample::p50Micros)),
        Figure.of("%,.1f", result.mean(variant, connections, Sample::p99Micros)),
        Figure.of("%,.1f", result.mean(variant, connections, Sample::p999Micros)),
        part(result.split(variant, connections).user()),
        part(result.split(variant, connections).system()),
        Figure.of("%.2f", result.mean(variant, connections, Sample::systemCalls)),
        Figure.of("%.1f", result.mean(variant, connections, Sample::batch)),
        Figure.of("%.3f", result.mean(variant, connections, Sample::wouldBlocks)));
  }

  /** A part of which the clock has seen nothing is smaller than the clock can tell, and not nothing. */
  private static String part(CpuSplit.Part part) {
    double least = Math.max(LEAST_SHOWN, Math.ceil(part.resolution() / LEAST_SHOWN) * LEAST_SHOWN);
    return part.micros() < least ? "<" + Figure.of("%.2f", least)
        : Figure.of("%.2f", part.micros());
  }

  /** Who needs the least CPU time if that can be told, and of every other row by how much it differs and whether that can be chance. */
  private List<String> words(int connections) {
    List<String> lines = new ArrayList<>();
    Variant best =
        result.variants()
            .stream()
            .min(Comparator.comparingDouble(v -> result.mean(v, connections, Sample::cpuMicros)))
            .orElseThrow();
    lines.add(headline(best, connections));
    for (Variant other : result.variants()) {
      if (!other.equals(best)) {
        lines.add("- " + other.name() + ": " + against(other, best, connections));
      }
    }
    lines.add("");
    return lines;
  }

  private String headline(Variant best, int connections) {
    String start = Figure.count(connections, "connection") + ": ";
    double least = result.mean(best, connections, Sample::cpuMicros);
    if (Double.isNaN(least)) {
      return start + "CPU time was not measured.";
    }
    List<String> alike =
        result.variants()
            .stream()
            .filter(
                other -> !other.equals(best)
                    && result.difference(other, best, connections, Sample::cpuMicros).isOpen())
            .map(Variant::name)
            .toList();
    if (alike.isEmpty()) {
      return start + say("%s took the least CPU time, %.2f µs for a message.", best.name(), least);
    }
    return start
        + say(
            "the least CPU time was measured of %s, %.2f µs for a message; %s and %s cannot be told apart.",
            best.name(), least, best.name(), String.join(", ", alike));
  }

  private String against(Variant other, Variant best, int connections) {
    Difference cpu = result.difference(other, best, connections, Sample::cpuMicros);
    Difference rate = result.difference(other, best, connections, Sample::messagesPerSecond);
    Difference tail = result.difference(other, best, connections, Sample::p99Micros);
    return "CPU time " + words(cpu) + ", throughput " + words(rate) + ", p99 " + words(tail)
        + "; "
        + calls(
            result.mean(other, connections, Sample::systemCalls),
            result.mean(best, connections, Sample::systemCalls))
        + ".";
  }

  /** The threshold is a part of the figure: 0.02 against 0.05 calls is a large difference. */
  static String calls(double calls, double bestCalls) {
    if (Double.isNaN(calls) || Double.isNaN(bestCalls)) {
      return "system calls were not measured";
    }
    return Math.abs(calls - bestCalls) <= ENOUGH_TO_NAME * Math.max(calls, bestCalls)
        ? say("as many system calls (%.2f)", calls)
        : say("%.2f system calls for a message against %.2f", calls, bestCalls);
  }

  private static String words(Difference difference) {
    if (!difference.isMeasured()) {
      return "not measured";
    }
    String spread =
        !Double.isFinite(difference.spread()) ? "unknown"
            : difference.spread() > Difference.MOST_SPREAD
                ? say("above ±%,.0f %%", Difference.MOST_SPREAD)
            : say("±%.1f %%", difference.spread());
    return difference.isSure()
        ? say("%+.1f %% (sure: the spread is %s)", difference.percent(), spread)
        : say("%+.1f %% (not sure: the spread is %s)", difference.percent(), spread);
  }

  private List<String> idleWords() {
    List<String> lines = new ArrayList<>();
    result.idleCosts()
        .forEach((variant, cost) -> lines.add(idleWords(variant.name(), cost)));
    if (!lines.isEmpty()) {
      lines.add("");
    }
    return lines;
  }

  static String idleWords(String name, IdleCost cost) {
    double[] outside = cost.outside();
    String passes =
        say("%,d passes gave %,.0f to %,.0f", outside.length, outside[0],
            outside[outside.length - 1]);
    String parts =
        cost.isNativeAboveNoise()
            ? say("heap %,.0f and native %,.0f; %s", cost.heapBytes(), cost.nativeBytes(), passes)
            : say("heap; native %,.0f is within its noise of ±%,.0f and not counted, %s",
                cost.nativeBytes(), cost.nativeNoise(), passes);
    return say("An idle connection costs %s %,.0f bytes (%s; by %,d of them).", name, cost.bytes(),
        parts, cost.connections());
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
  private static String say(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
