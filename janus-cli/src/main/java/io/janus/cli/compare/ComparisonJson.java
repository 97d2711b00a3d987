package io.janus.cli.compare;

import io.janus.cli.terminal.HostSystem;
import io.janus.ffi.SystemVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** A comparison for machines: every sample, and the differences with their spread. */
public record ComparisonJson(ComparisonResult result) {

  /** As maps and lists. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    ComparePlan plan = result.plan();
    SystemVersion system = SystemVersion.read();
    map.put("system", system.name());
    map.put("kernel", system.version());
    map.put("wine", system.wine());
    map.put("remark", HostSystem.remarkOnTimes());
    map.put("java", Runtime.version().toString());
    map.put("cores", result.cores());
    map.put("rounds", result.rounds());
    map.put("roundsPlanned", plan.rounds());
    map.put("windowMillis", plan.window().toMillis());
    map.put("messageBytes", plan.messageBytes());
    map.put("engines", result.variants().stream().map(Variant::name).toList());
    map.put("samples", result.samples().stream().map(ComparisonJson::sample).toList());
    map.put("verdicts", result.verdicts());
    map.put("doubtOfAllVerdicts", ComparisonResult.DOUBT);
    map.put("unmeasured", result.unmeasured());
    map.put("errors", result.errors());
    map.put("differences", differences());
    List<Object> idle = new ArrayList<>();
    result.idleCosts()
        .forEach(
            (variant, cost) -> {
              Map<String, Object> entry = new LinkedHashMap<>();
              entry.put("engine", variant.name());
              entry.put("connections", cost.connections());
              entry.put("heapBytes", cost.heapBytes());
              entry.put("nativeBytes", cost.nativeBytes());
              entry.put("nativeNoiseBytes", cost.nativeNoise());
              entry.put("nativeIsAboveNoise", cost.isNativeAboveNoise());
              entry.put("bytes", cost.bytes());
              idle.add(entry);
            });
    map.put("idle", idle);
    return map;
  }

  private static Map<String, Object> sample(Sample sample) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("round", sample.round());
    map.put("engine", sample.variant().name());
    map.put("connections", sample.connections());
    map.put("messagesPerSecond", sample.messagesPerSecond());
    map.put("p50Micros", sample.p50Micros());
    map.put("p99Micros", sample.p99Micros());
    map.put("p999Micros", sample.p999Micros());
    CpuSplit split = CpuSplit.of(List.of(sample));
    map.put("cpuMicrosPerMessage", sample.cpuMicros());
    map.put("userMicrosPerMessage", split.user().micros());
    map.put("systemMicrosPerMessage", split.system().micros());
    map.put("tickMicrosPerMessage", split.user().resolution());
    map.put("otherThreadsMicrosPerMessage", sample.otherCpuMicros());
    map.put("systemCallsPerMessage", sample.systemCalls());
    map.put("eventsPerBatch", sample.batch());
    map.put("wouldBlocksPerMessage", sample.wouldBlocks());
    map.put("errors", sample.errors());
    return map;
  }

  /** Every row against the first. */
  private List<Object> differences() {
    List<Object> list = new ArrayList<>();
    Variant first = result.variants().getFirst();
    for (int connections : result.plan().connections()) {
      for (Variant variant : result.variants().subList(1, result.variants().size())) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("engine", variant.name());
        map.put("against", first.name());
        map.put("connections", connections);
        map.put("cpu", difference(variant, first, connections, Sample::cpuMicros));
        map.put("throughput", difference(variant, first, connections, Sample::messagesPerSecond));
        map.put("p99", difference(variant, first, connections, Sample::p99Micros));
        list.add(map);
      }
    }
    return list;
  }

  private Map<String, Object> difference(
      Variant variant, Variant other, int connections, ToDoubleFunction<Sample> figure) {
    Difference difference = result.difference(variant, other, connections, figure);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("percent", difference.percent());
    // An infinite one is written as null.
    map.put(
        "spread",
        difference.spread() > Difference.MOST_SPREAD ? Double.POSITIVE_INFINITY
            : difference.spread());
    map.put("sure", difference.isSure());
    return map;
  }
}
