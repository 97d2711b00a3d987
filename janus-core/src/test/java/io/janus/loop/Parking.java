package io.janus.loop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A source without a kernel: it sleeps by parking. */
final class Parking implements EventSource {
  final List<String> calls = new CopyOnWriteArrayList<>();
  final AtomicInteger events = new AtomicInteger();
  volatile RuntimeException failure;
  private volatile Thread sleeper;
  private volatile boolean woken;

  @Override
  public void prepare() {
    calls.add("prepare");
  }

  @Override
  public int await(long timeoutNanos) {
    calls.add("await");
    if (failure != null) {
      throw failure;
    }
    sleeper = Thread.currentThread();
    if (!woken && timeoutNanos < 0) {
      LockSupport.park();
    } else if (!woken && timeoutNanos > 0) {
      LockSupport.parkNanos(timeoutNanos);
    }
    woken = false;
    return events.getAndSet(0);
  }

  @Override
  public void dispatch() {
    calls.add("dispatch");
  }

  @Override
  public void wake() {
    woken = true;
    Thread thread = sleeper;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
