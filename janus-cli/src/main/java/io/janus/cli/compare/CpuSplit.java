package io.janus.cli.compare;

import java.util.List;

/**
 * How a row's CPU time for a message parts into that of user code and that of the kernel. The sum is the scheduler's and exact; the shares are
 * clock ticks, ten milliseconds each or on Windows 15.6, so they are of all rounds together, and what no tick has hit may be as much as one.
 *
 * @param user in user code
 * @param system in the kernel
 */
record CpuSplit(Part user, Part system) {

  /**
   * A part.
   *
   * @param micros for a message; not-a-number if nothing was measured, or no tick has hit either part
   * @param resolution what one tick is worth, in microseconds for a message
   */
  record Part(double micros, double resolution) {}

  /** Of all rounds of a row with one number of connections. */
  static CpuSplit of(List<Sample> samples) {
    double cpu = samples.stream().mapToDouble(Sample::cpuMicros).average().orElse(Double.NaN);
    double user = samples.stream().mapToDouble(Sample::userTicks).sum();
    double system = samples.stream().mapToDouble(Sample::systemTicks).sum();
    double tick = user + system > 0 ? cpu / (user + system) : Double.NaN;
    return new CpuSplit(new Part(user * tick, tick), new Part(system * tick, tick));
  }
}
