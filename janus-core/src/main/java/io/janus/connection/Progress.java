package io.janus.connection;

/** What is known of how the peer takes bytes of ours, by the kernel's word and by asking how many its system has acknowledged. */
final class Progress {
  private static final long UNKNOWN = -1;

  /** When bytes were last taken, as far as anybody has told; at first when it began. */
  private long at;

  /** When the peer's system was last asked how many bytes it has acknowledged, and its answer. */
  private long askedAt;

  private long acknowledged = UNKNOWN;

  /** From now on it is of other bytes, and nobody was asked yet. */
  void begin(long now) {
    at = now;
    askedAt = now;
    acknowledged = UNKNOWN;
  }

  /** When bytes were last taken, by the kernel or the peer's system; no earlier than the beginning. */
  long at() {
    return at;
  }

  /** When to ask next how far the peer's system is: that long after the last progress or question. */
  long askAt(long every) {
    return Math.max(at, askedAt) + every;
  }

  /** Bytes were taken. */
  void made(long now) {
    at = now;
  }

  /**
   * The peer's system has acknowledged so many bytes of the connection by now, or below zero if nobody can tell. The first answer says
   * nothing of when that was, so the time counts from it.
   *
   * @return true if it has acknowledged some since the last answer
   */
  boolean answered(long now, long acknowledgedBytes) {
    boolean known = acknowledged != UNKNOWN;
    boolean more = acknowledgedBytes > acknowledged;
    askedAt = now;
    if (more) {
      acknowledged = acknowledgedBytes;
      made(now);
    }
    return known && more;
  }
}
