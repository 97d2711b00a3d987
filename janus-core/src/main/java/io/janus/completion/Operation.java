package io.janus.completion;

/** What a completion is the end of. */
public enum Operation {
  /** A connection was taken from a listener. */
  ACCEPT,
  /** A connect ended. */
  CONNECT,
  /** Bytes came, or the peer's end. */
  RECEIVE,
  /** Bytes were taken by the kernel. */
  SEND,
  /** An option was set. */
  OPTION,
  /** The output was shut. */
  SHUTDOWN,
  /** The handle was closed. */
  CLOSE,
  /** Not an operation: a value posted by {@link CompletionPort#post}. */
  POST
}
