package io.janus.cli.compare;

import io.janus.cli.terminal.Figure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A comparison as a table and in plain words; also valid Markdown. */
public record ComparisonText(ComparisonResult result) {
  private static final String ROW =
      "| %11s | %-22s | %10s | %8s | %8s | %8s | %7s | %7s | %6s | %6s | %7s |";
  private static final double ENOUGH_TO_NAME = 0.05;

  /** All lines. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    ComparePlan plan = result.plan();
    lines.add(
        say("Echo of %,d-byte messages over loopback, one on the way for each connection; %d rounds of %s in alternation.",
            plan.messageBytes(), plan.rounds(), plan.window().toMillis() + " ms"));
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
    lines.add(
        "user, sys, calls and EAGAIN are the server's for one message: CPU time of its loop in µs (their sum is exact, their"
            + " shares are counted in clock ticks), system calls, calls that would have blocked.");
    lines.add("");
    plan.connections().forEach(connections -> lines.addAll(words(connections)));
    lines.addAll(idleWords());
    long errors = result.samples().stream().mapToLong(Sample::errors).sum();
    lines.add(errors == 0 ? "No errors." : say("%,d errors: do not trust these figures.", errors));
    return lines;
  }

  private String row(int connections, Variant variant) {
    return say(
        ROW,
        say("%,d", connections),
        variant.name(),
        say("%,.0f", result.mean(variant, connections, Sample::messagesPerSecond)),
        Figure.of("%,.1f", result.mean(variant, connections, Sample::p50Micros)),
        Figure.of("%,.1f", result.mean(variant, connections, Sample::p99Micros)),
        Figure.of("%,.1f", result.mean(variant, connections, Sample::p999Micros)),
        say("%.2f", result.mean(variant, connections, Sample::userMicros)),
        say("%.2f", result.mean(variant, connections, Sample::systemMicros)),
        say("%.2f", result.mean(variant, connections, Sample::systemCalls)),
        say("%.1f", result.mean(variant, connections, Sample::batch)),
        say("%.3f", result.mean(variant, connections, Sample::wouldBlocks)));
  }

  /** Who needs the least CPU time, and of every other row by how much it differs and whether that can be chance. */
  private List<String> words(int connections) {
    List<String> lines = new ArrayList<>();
    Variant best =
        result.variants()
            .stream()
            .min(Comparator.comparingDouble(v -> result.mean(v, connections, Sample::cpuMicros)))
            .orElseThrow();
    lines.add(
        say("%,d %s: %s took the least CPU time, %.2f µs for a message.", connections,
            connections == 1 ? "connection" : "connections", best.name(),
            result.mean(best, connections, Sample::cpuMicros)));
    for (Variant other : result.variants()) {
      if (!other.equals(best)) {
        lines.add("- " + other.name() + ": " + against(other, best, connections));
      }
    }
    lines.add("");
    return lines;
  }

  private String against(Variant other, Variant best, int connections) {
    Difference cpu = result.difference(other, best, connections, Sample::cpuMicros);
    Difference rate = result.difference(other, best, connections, Sample::messagesPerSecond);
    Difference tail = result.difference(other, best, connections, Sample::p99Micros);
    double calls = result.mean(other, connections, Sample::systemCalls);
    double bestCalls = result.mean(best, connections, Sample::systemCalls);
    String why =
        Math.abs(calls - bestCalls) < ENOUGH_TO_NAME
            ? say("as many system calls (%.2f)", calls)
            : say("%.2f system calls for a message against %.2f", calls, bestCalls);
    return "CPU time " + words(cpu) + ", throughput " + words(rate) + ", p99 " + words(tail)
        + "; " + why + ".";
  }

  private static String words(Difference difference) {
    String spread =
        Double.isFinite(difference.spread()) ? say("±%.1f %%", difference.spread()) : "unknown";
    return difference.isSure()
        ? say("%+.1f %% (sure: the spread is %s)", difference.percent(), spread)
        : say("%+.1f %% (not sure: the spread is %s)", difference.percent(), spread);
  }

  private List<String> idleWords() {
    List<String> lines = new ArrayList<>();
    result.idleCosts()
        .forEach(
            (variant, cost) -> lines.add(
                say("An idle connection costs %s %,.0f bytes (heap %,.0f, native %,.0f; by %,d of them).",
                    variant.name(), cost.bytes(), cost.heapBytes(), cost.nativeBytes(),
                    cost.connections())));
    if (!lines.isEmpty()) {
      lines.add("");
    }
    return lines;
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
  private static String say(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
