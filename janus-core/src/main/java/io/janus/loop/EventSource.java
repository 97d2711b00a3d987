package io.janus.loop;

/**
 * Where a loop's events come from. Implemented above the loop (a connection manager) over a poller or a port below it; so the
 * loop knows neither.
 */
public interface EventSource extends AutoCloseable {
  /** Waits for events without a deadline. */
  long FOREVER = -1;

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
