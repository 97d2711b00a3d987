package io.janus.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** The drains of one loop, as far as another one must know of them that has a connection for it. */
final class Drains {
  private final AtomicInteger begun = new AtomicInteger();
  private final List<Drain> goingOn = new ArrayList<>();

  /** The loop's thread, with no listener left. */
  void begin(ConnectionManager manager, long until, IntConsumer drained) {
    begun.incrementAndGet();
    Drain drain = new Drain(manager, until, drained);
    goingOn.add(drain);
    drain.look(manager.loop.now());
  }

  void countCut() {
    goingOn.forEach(Drain::countCut);
  }

  void ended(Drain drain) {
    goingOn.remove(drain);
  }

  /** The loop has ended with so many connections before their time was over. */
  void cutShort(int alive) {
    goingOn.forEach(drain -> drain.cutShort(alive));
    goingOn.clear();
  }

  /** The loop's thread: one cuts what is left, and ends when nothing is. */
  boolean areOver() {
    return goingOn.stream().anyMatch(Drain::isOver);
  }

  /** The loop's thread: one has not ended, and ends whatever connection comes. */
  boolean goOn() {
    return !goingOn.isEmpty();
  }

  /** How many have begun so far. Any thread. */
  int begun() {
    return begun.get();
  }
}
