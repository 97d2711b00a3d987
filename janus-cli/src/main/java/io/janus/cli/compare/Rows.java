package io.janus.cli.compare;

/** Which rows io_uring has in a comparison. The other engines know descriptors of the process only, and are always in it. */
public enum Rows {
  /** One with descriptors of the process. */
  process,
  /** One with direct descriptors. */
  direct,
  /** Both. */
  both
}
