package io.janus.simulation;

/** Defects that a backend can be given on purpose, to prove that the simulation would find them. */
enum PlantedBug {
  NONE,

  /** What the kernel says about a registration or operation that is over reaches whoever has its slot now. */
  GENERATION_CHECK_SKIPPED,

  /** A cancelled operation's buffer goes back to its pool before the last completion, as a careless close would do. */
  BUFFER_FREED_AT_CLOSE,

  /** One last completion or event is lost. */
  COMPLETION_DROPPED
}
