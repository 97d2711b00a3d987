package io.janus.connection;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** The drains of one loop, as far as another one must know of them that has a connection for it. */
final class Drains {
  private final AtomicInteger begun = new AtomicInteger();
  private int goingOn;

  /** The loop's thread, with no listener left. */
  void begin(ConnectionManager manager, long until, IntConsumer drained) {
    begun.incrementAndGet();
    goingOn++;
    IntConsumer ended = cut -> {
      goingOn--;
      drained.accept(cut);
    };
    new Drain(manager, until, ended).look(manager.loop.now());
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
