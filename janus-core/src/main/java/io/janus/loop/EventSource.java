package io.janus.loop;

/**
 * Where a loop's events come from. Implemented above the loop (a connection manager) over a poller or a port below it; so the
 * loop knows neither.
 */
public interface EventSource extends AutoCloseable {
  /** Waits for events without a deadline. */
  long FOREVER = -1;

  /**
   * Does what is left to do before a wait. Not a part of {@link #await}: its callbacks may schedule deadlines, which the wait
   * must know of, and count as work for the watchdog.
   */
  default void prepare() {}

  /** Waits for events and returns how many there are; 0 after the timeout or a wake. */
  int await(long timeoutNanos);

  /** Handles the events of the last await. */
  void dispatch();

  /** Ends the current await or the next one; any thread. */
  void wake();

  /** Ends everything that the source holds; the loop's thread, once. */
  @Override
  void close();
}
