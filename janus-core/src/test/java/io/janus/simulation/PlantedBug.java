package io.janus.simulation;

/** Defects that a backend can be given on purpose, to prove that the simulation would find them. */
enum PlantedBug {
  NONE,

  /** What the kernel says about a registration or operation that is over reaches whoever has its slot now. */
  GENERATION_CHECK_SKIPPED,

  /** The poller tells of registrations that are over, by the tokens that they had: whoever is above must not take them for others. */
  STALE_TOKENS,

  /** A cancelled operation's buffer goes back to its pool before the last completion, as a careless close would do. */
  BUFFER_FREED_AT_CLOSE,

  /** One last completion or event is lost. */
  COMPLETION_DROPPED,

  /** The buffers of an uncopied send go back to their pool as soon as the socket has its bytes; io_uring only. */
  BUFFER_FREED_WHEN_SENT,

  /** Of an uncopied send that took two entries one word of the kernel is taken for both; io_uring only. */
  PINNED_ENTRY_FORGOTTEN
}
