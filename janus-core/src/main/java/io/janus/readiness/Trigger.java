package io.janus.readiness;

/** When a registration reports what it is interested in. */
public enum Trigger {
  /** At every await for as long as it is true. Every backend has it. */
  LEVEL,

  /**
   * Once when it becomes true; the user must go on until WOULD_BLOCK. Epoll only: elsewhere it could be had only if the user
   * told of every would-block, which is another contract, so it is refused.
   */
  EDGE,

  /** Once; then the registration rests until {@link Poller#change} arms it again. Every backend has it. */
  ONESHOT
}
