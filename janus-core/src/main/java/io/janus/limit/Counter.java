package io.janus.limit;

/** What a loop counts. All are sums since the loop's start. */
public enum Counter {
  /** Waits for events (epoll_wait, GetQueuedCompletionStatusEx), looks without a wait included; on io_uring every io_uring_enter, also one in the middle of a turn that only submits. */
  WAIT_CALLS("calls"),
  /** Changes of registrations (epoll_ctl); on AFD the polls, which are one shot, and their cancels; on completion ports the cancels. */
  CONTROL_CALLS("calls"),
  /** Receive calls, those that would block included. */
  RECEIVE_CALLS("calls"),
  /** Send calls, those that would block included. */
  SEND_CALLS("calls"),
  /** Accept calls, those that would block included. */
  ACCEPT_CALLS("calls"),
  /** Receives, sends and, on io_uring, accepts that would have blocked (EAGAIN). */
  WOULD_BLOCKS("calls"),
  /** Events or completions taken from the kernel or the emulation. */
  EVENTS("events"),
  /** Awaits that brought at least one event. */
  BATCHES("batches"),
  /** Events of a connection, registration or operation that was gone; dropped. */
  STALE_EVENTS("events"),
  /** Connections accepted. */
  ACCEPTED("connections"),
  /** Connections made as a client. */
  CONNECTED("connections"),
  /** Connections that have ended, for whatever reason. */
  CLOSED("connections"),
  /** Connections that ended by an error, a timeout or an abort. */
  FAILED("connections"),
  /** Connections that had not ended when the time of a drain was over, and were cut; all of one drain are counted at once. */
  CUT("connections"),
  /** Connections that failed for want of memory, descriptors or epoll watches of the system. */
  SYSTEM_WANTS("connections"),
  /** Times that accepting failed. */
  ACCEPT_FAILURES("failures"),
  /** Times that accepting was paused for want of descriptors or memory, or at the limit of connections. */
  ACCEPT_PAUSES("pauses"),
  /** Times that a handler threw. */
  HANDLER_FAILURES("failures"),
  /** Times that no pooled buffer was free for bytes that had come. */
  NO_BUFFER("times"),
  /** Calls of onData. */
  MESSAGES("calls"),
  /** Bytes received. */
  BYTES_RECEIVED("bytes"),
  /** Bytes sent. */
  BYTES_SENT("bytes");

  private final String unit;

  Counter(String unit) {
    this.unit = unit;
  }

  /** What one is. */
  public String unit() {
    return unit;
  }
}
