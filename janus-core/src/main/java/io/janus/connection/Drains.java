package io.janus.connection;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** The drains of one loop, as far as another one must know of them that has a connection for it. */
final class Drains {
  private final AtomicInteger begun = new AtomicInteger();
  private int goingOn;
  private int over;

  /** The loop's thread, with no listener left. */
  void begin(ConnectionManager manager, long until, IntConsumer drained) {
    begun.incrementAndGet();
    goingOn++;
    new Drain(manager, until, drained).look(manager.loop.now());
  }

  /** The time of one is over: it cuts what is left. */
  void timeIsOver() {
    over++;
  }

  void ended(boolean wasOver) {
    goingOn--;
    over -= wasOver ? 1 : 0;
  }

  /** The loop's thread: one cuts what is left, and ends when nothing is. */
  boolean areOver() {
    return over > 0;
  }

  /** The loop's thread: one has not ended, and ends whatever connection comes. */
  boolean goOn() {
    return goingOn > 0;
  }

  /** How many have begun so far. Any thread. */
  int begun() {
    return begun.get();
  }
}
