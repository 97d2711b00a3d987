package io.janus.simulation;

/** Every choice of a simulation: the same seed gives the same numbers on every JDK and for ever (SplitMix64). */
final class Dice {
  private long state;

  Dice(long seed) {
    state = seed * 0x9E3779B97F4A7C15L + 0x1234_5678_9ABC_DEFL;
    next();
  }

  long next() {
    state += 0x9E3779B97F4A7C15L;
    long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /** From 0 to bound - 1. */
  int below(int bound) {
    return (int) ((next() >>> 33) % bound);
  }

  /** From low to high, both possible. */
  int between(int low, int high) {
    return low + below(high - low + 1);
  }

  /** True in so many of a thousand cases; 0 takes no number, so a fault that is off costs nothing. */
  boolean perMille(int chance) {
    return chance > 0 && below(1000) < chance;
  }

  int oneOf(int... values) {
    return values[below(values.length)];
  }
}
