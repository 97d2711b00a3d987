package io.janus.limit;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The sums of one loop. Only the loop's thread adds, by a plain store. Any thread may read: each value is one that the sum
 * really had, a moment ago on every JVM known, though the memory model alone promises no time; two values read one after the
 * other need not be of the same moment.
 */
public final class Counters {
  /** Batches by size: element i counts those of 2^i to 2^(i+1) − 1 events. */
  private final long[] batchSizes = new long[17];

  private final long[] values = new long[Counter.values().length];

  /** Adds one. */
  public void increment(Counter counter) {
    values[Objects.requireNonNull(counter, "counter").ordinal()]++;
  }

  /** Adds an amount. */
  public void add(Counter counter, long amount) {
    values[Objects.requireNonNull(counter, "counter").ordinal()] += amount;
  }

  /** Counts one await that brought events. */
  public void batch(int events) {
    if (events > 0) {
      increment(Counter.BATCHES);
      add(Counter.EVENTS, events);
      batchSizes[31 - Integer.numberOfLeadingZeros(Math.min(events, 0xffff))]++;
    }
  }

  /** The sum so far. */
  public long get(Counter counter) {
    return values[Objects.requireNonNull(counter, "counter").ordinal()];
  }

  /** System calls of the hot path: waits, changes, receives, sends and accepts. */
  public long systemCalls() {
    return get(Counter.WAIT_CALLS)
        + get(Counter.CONTROL_CALLS)
        + get(Counter.RECEIVE_CALLS)
        + get(Counter.SEND_CALLS)
        + get(Counter.ACCEPT_CALLS);
  }

  /** How many batches had 2^i to 2^(i+1) − 1 events, as a copy. */
  public long[] batchSizes() {
    return batchSizes.clone();
  }

  /** Adds another loop's sums to these. */
  public void addAll(Counters other) {
    Objects.requireNonNull(other, "other");
    for (int i = 0; i < values.length; i++) {
      values[i] += other.values[i];
    }
    for (int i = 0; i < batchSizes.length; i++) {
      batchSizes[i] += other.batchSizes[i];
    }
  }

  /** All sums by name. */
  public Map<Counter, Long> toMap() {
    Map<Counter, Long> map = new EnumMap<>(Counter.class);
    for (Counter counter : Counter.values()) {
      map.put(counter, get(counter));
    }
    return map;
  }
}
