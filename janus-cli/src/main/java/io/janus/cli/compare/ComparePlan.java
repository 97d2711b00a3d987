package io.janus.cli.compare;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How to compare.
 *
 * @param connections the numbers of connections to measure with
 * @param descriptors which rows io_uring has
 * @param rounds how often each engine is measured with each number, in alternation; even, so that a steady drift cancels
 * @param warmup of each measurement, not counted
 * @param window of each measurement
 * @param messageBytes size of a message
 * @param idle connections by which the memory of an idle one is measured; 0 = not
 */
public record ComparePlan(
    List<Integer> connections,
    Rows descriptors,
    int rounds,
    Duration warmup,
    Duration window,
    int messageBytes,
    int idle) {

  /** Checks what the statistics need. */
  public ComparePlan {
    connections = List.copyOf(connections);
    if (rounds < 2 || rounds > 1_000 || rounds % 2 == 1) {
      int instead = Math.clamp(rounds, 2, 999) / 2 * 2 + (rounds > 2 ? 2 : 0);
      throw new IllegalArgumentException(
          "--rounds is " + rounds
              + "; it must be even, since every second round goes back the way of the one before, and from"
              + " 2 to 1000; ask for " + Math.min(instead, 1_000));
    }
    if (Set.copyOf(connections).size() < connections.size()) {
      throw new IllegalArgumentException(
          "--connections is " + connections + "; name each number once");
    }
    if (connections.isEmpty() || connections.stream().anyMatch(count -> count < 1)) {
      throw new IllegalArgumentException(
          "--connections is " + connections + "; every number must be 1 or more");
    }
    if (window.isZero()) {
      throw new IllegalArgumentException("--window is 0; ask for 1ms or more");
    }
  }

  /** The time of all measurements with so many rows; connecting, heating and the idle connections come on top. */
  public Duration measuring(int rows) {
    return warmup.plus(window).multipliedBy((long) rounds * connections.size() * rows);
  }
}
