package io.janus.ffi.call;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends a wait from any thread. A wake is sticky: it ends the wait that is going on, or else the next one. Several before the waiter
 * takes them are one signal to the kernel, and none reaches the kernel after close. How to signal is the system's affair.
 */
public abstract class Waker {
  private static final int IDLE = 0;
  private static final int PENDING = 1;
  private static final int CLOSED = 2;

  /** PENDING from the first wake until the waiter takes it; signallers are counted so that close can wait for them. */
  private final AtomicInteger state = new AtomicInteger(IDLE);

  private final AtomicInteger signalling = new AtomicInteger();

  /** Any thread. */
  public final void wake() {
    // What the caller wrote before must be visible before the state is read, or both sides could miss each other.
    VarHandle.fullFence();
    if (state.get() != IDLE) {
      return;
    }
    signalling.incrementAndGet();
    try {
      if (state.compareAndSet(IDLE, PENDING)) {
        boolean signalled = false;
        try {
          signalled = signal();
        } finally {
          if (!signalled) {
            // There is nothing to take, so PENDING would stay and silence every later wake. CLOSED stays CLOSED.
            state.compareAndSet(PENDING, IDLE);
          }
        }
      }
    } finally {
      signalling.decrementAndGet();
    }
  }

  /** The waiter's thread: takes the wake; one that comes after this will show in the next await. */
  public final void taken() {
    state.compareAndSet(PENDING, IDLE);
  }

  /** The owner's thread: after this no other thread signals, so what it would signal to can be closed. */
  protected final void shut() {
    state.set(CLOSED);
    while (signalling.get() != 0) {
      Thread.onSpinWait();
    }
  }

  /** On any thread, also a virtual one: makes the kernel end a wait, and tells whether it will. */
  protected abstract boolean signal();
}
