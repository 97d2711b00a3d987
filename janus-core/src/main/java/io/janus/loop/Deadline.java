package io.janus.loop;

/** Something that has to happen at a time; a node of {@link Timers}, scheduled in at most one. For the loop's thread. */
public abstract class Deadline {
  Deadline previous = this;
  Deadline next = this;
  long tick;

  /** Called on the loop's thread, at or shortly after the time; the deadline is not scheduled any more. */
  protected abstract void expired(long nowNanos);

  /** True from schedule to expiry or cancel. */
  public final boolean isScheduled() {
    return next != this;
  }

  final void unlink() {
    previous.next = next;
    next.previous = previous;
    previous = this;
    next = this;
  }

  final void linkBefore(Deadline anchor) {
    previous = anchor.previous;
    next = anchor;
    anchor.previous.next = this;
    anchor.previous = this;
  }
}
