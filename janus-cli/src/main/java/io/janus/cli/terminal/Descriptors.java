package io.janus.cli.terminal;

/** Where connections live: among the descriptors of the process, or in the tables of the rings. */
public enum Descriptors {
  process,
  direct;

  /** True for the tables of the rings. */
  public boolean isDirect() {
    return this == direct;
  }
}
