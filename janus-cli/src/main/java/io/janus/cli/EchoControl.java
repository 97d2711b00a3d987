package io.janus.cli;

import io.janus.Janus;
import io.janus.cli.compare.OwnAccount;
import io.janus.cli.terminal.Json;
import io.janus.cli.terminal.Signals;
import io.janus.ffi.ProcessMemory;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The line by which {@code janus compare} asks its echo servers. The server ends with its standard input, so that none is left
 * behind when the comparison dies.
 */
final class EchoControl {
  private static final int MOST_COLLECTIONS = 8;
  private static final long AGREEING_BYTES = 4096;

  private EchoControl() {}

  static void start(Janus janus, Signals signals, PrintWriter out) {
    Thread.ofPlatform()
        .name("janus-control")
        .daemon(true)
        .start(() -> answer(janus, signals, out));
  }

  private static void answer(Janus janus, Signals signals, PrintWriter out) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(
            Json.of(
                switch (line) {
                  case "stats" -> counters(janus);
                  case "memory" -> memory(janus);
                  default -> Map.of("error", "unknown command " + line);
                }));
        out.flush();
      }
    } catch (IOException e) {
      // A broken control line is an ended one.
    }
    signals.ask("end of input");
  }

  private static Map<String, Object> counters(Janus janus) {
    Counters counters = janus.counters();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("connections", janus.connections());
    line.put("SYSTEM_CALLS", counters.systemCalls());
    for (Counter counter : Counter.values()) {
      line.put(counter.name(), counters.get(counter));
    }
    OwnAccount.addTo(line);
    return line;
  }

  private static Map<String, Object> memory(Janus janus) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("connections", janus.connections());
    line.put("heapBytes", heapBytes());
    ProcessMemory memory = ProcessMemory.read();
    line.put("residentBytes", Math.max(0, memory.residentBytes()));
    line.put("mappedBytes", memory.mappedBytes());
    return line;
  }

  /** What is reachable. One collection may leave what only its end made free, so they go on until two agree. */
  private static long heapBytes() {
    long before = Long.MAX_VALUE;
    long after = collect();
    for (int more = 0; more < MOST_COLLECTIONS && before - after > AGREEING_BYTES; more++) {
      before = after;
      after = Math.min(before, collect());
    }
    return after;
  }

  private static long collect() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
