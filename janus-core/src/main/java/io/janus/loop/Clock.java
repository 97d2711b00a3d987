package io.janus.loop;

/** Time that only goes forward; a simulated one takes its place in tests. */
@FunctionalInterface
public interface Clock {
  /** The system's monotonic clock. */
  Clock SYSTEM = System::nanoTime;

  /** Nanoseconds since some fixed moment. */
  long nanos();
}
