package io.janus.completion.uring;

/**
 * One send that is not copied into the kernel, from its submit to the kernel's last word on it. It can take several entries, one after the
 * other: when the socket takes a part only, the rest follows. The result of an entry says that the bytes are on their way; a second
 * word, in no hurry, that the kernel does not look at their memory any more.
 */
final class UringUncopiedSend {
  /** Bytes that the socket has not taken. */
  long left;

  /** Entries whose result has come and whose memory the kernel has not let go. */
  int pinned;

  /** No entry is on its way: all bytes are sent, or the rest cannot be. */
  boolean over;

  /** Why the rest cannot be sent; 0 while nothing is wrong. */
  int error;

  /** It was asked to end. */
  boolean cancelled;

  /** Its rest goes the second way, copied. */
  boolean copies;

  void begin(long bytes) {
    left = bytes;
    pinned = 0;
    over = false;
    error = 0;
    cancelled = false;
    copies = false;
  }

  /** True if nothing of it is the kernel's any more. */
  boolean hasEnded() {
    return over && pinned == 0;
  }

  void fail(int why) {
    over = true;
    error = why;
  }
}
