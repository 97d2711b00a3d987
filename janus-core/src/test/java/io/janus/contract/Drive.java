package io.janus.contract;

/** Who takes the turns of a loop under test. */
public enum Drive {
  /** The test itself, so that the order of all steps is the test's. */
  BY_TURNS,
  /** A started loop's own thread, as in production. */
  BY_THREAD
}
