package io.janus.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the load client saw of the measured window.
 *
 * @param totalMessages all messages of the connections' life, warm-up included
 */
record LoadReport(
    long messages,
    double seconds,
    double p50Micros,
    double p99Micros,
    double clientCpuSeconds,
    long totalMessages,
    long errors) {

  static LoadReport parse(String json) {
    return new LoadReport(
        (long) number(json, "messages"),
        number(json, "seconds"),
        number(json, "p50_us"),
        number(json, "p99_us"),
        number(json, "client_cpu_seconds"),
        (long) number(json, "total_messages"),
        (long) number(json, "errors"));
  }

  double messagesPerSecond() {
    return messages / seconds;
  }

  private static double number(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":([-+.\\deE]+)").matcher(json);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + name + " in the client's report: " + json);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
