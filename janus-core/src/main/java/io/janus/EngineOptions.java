package io.janus;

import io.janus.limit.Limits;
import io.janus.loop.Reporter;
import java.util.Objects;

/**
 * How an engine is opened.
 *
 * @param engine {@code auto}, or the id of an {@link Engine}, which is then required
 * @param loops event loops, each a thread; 0 = one for each processor
 * @param limits every bound
 * @param reporter is told what a person running the engine should know
 * @param tryFirst the emulation tries an operation before it waits; false = it waits first, for comparing the two
 * @param directDescriptors connections live in the tables of the rings and cost no descriptors of the process; io_uring only
 * @param zeroCopyBytes sends of so many bytes and more are not copied into the kernel; 0 = all are copied; io_uring only
 * @param skipPackets an operation that is done at once needs no packet; false = each has its packet, for comparing the two; completion
 *     ports of Windows only
 */
public record EngineOptions(
    String engine, int loops, Limits limits, Reporter reporter, boolean tryFirst,
    boolean directDescriptors, int zeroCopyBytes, boolean skipPackets) {

  /** Checks the numbers, and that nothing is missing. */
  public EngineOptions {
    Objects.requireNonNull(engine, "engine");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(reporter, "reporter");
    if (loops < 0 || loops > 1024) {
      throw new IllegalArgumentException(
          "number of loops is " + loops + "; it must be from 0 (one for each processor) to 1024");
    }
    if (zeroCopyBytes < 0) {
      throw new IllegalArgumentException(
          "zeroCopyBytes is " + zeroCopyBytes + "; it must be 0 (off) or more");
    }
  }

  /** The best engine here, one loop for each processor, sensible limits. */
  public static EngineOptions defaults() {
    return new EngineOptions("auto", 0, Limits.defaults(), Reporter.LOGGER, true, false, 0, true);
  }

  /** The same with another engine. */
  public EngineOptions withEngine(String name) {
    return new EngineOptions(name, loops, limits, reporter, tryFirst, directDescriptors,
        zeroCopyBytes, skipPackets);
  }

  /** The same with another number of loops. */
  public EngineOptions withLoops(int number) {
    return new EngineOptions(engine, number, limits, reporter, tryFirst, directDescriptors,
        zeroCopyBytes, skipPackets);
  }

  /** The same with other limits. */
  public EngineOptions withLimits(Limits bounds) {
    return new EngineOptions(engine, loops, bounds, reporter, tryFirst, directDescriptors,
        zeroCopyBytes, skipPackets);
  }

  /** The same with another reporter. */
  public EngineOptions withReporter(Reporter listener) {
    return new EngineOptions(engine, loops, limits, listener, tryFirst, directDescriptors,
        zeroCopyBytes, skipPackets);
  }

  /** The same with the other order of trying and waiting. */
  public EngineOptions withTryFirst(boolean first) {
    return new EngineOptions(engine, loops, limits, reporter, first, directDescriptors,
        zeroCopyBytes, skipPackets);
  }

  /** The same with connections in the rings' own tables, or not. */
  public EngineOptions withDirectDescriptors(boolean direct) {
    return new EngineOptions(engine, loops, limits, reporter, tryFirst, direct, zeroCopyBytes,
        skipPackets);
  }

  /** The same with sends of so many bytes and more not copied into the kernel; 0 = all are copied. */
  public EngineOptions withZeroCopyBytes(int bytes) {
    return new EngineOptions(engine, loops, limits, reporter, tryFirst, directDescriptors, bytes,
        skipPackets);
  }

  /** The same with packets for what is done at once, or without. */
  public EngineOptions withSkipPackets(boolean skip) {
    return new EngineOptions(engine, loops, limits, reporter, tryFirst, directDescriptors,
        zeroCopyBytes, skip);
  }
}
