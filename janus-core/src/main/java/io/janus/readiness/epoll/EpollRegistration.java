package io.janus.readiness.epoll;

import io.janus.readiness.Trigger;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What epoll knows of one socket, and the lock bit that keeps {@code change} away from a descriptor that is being removed.
 *
 * <p>The state word is {@code generation << 2 | LIVE | CHANGING}. A change from any thread sets CHANGING by one
 * compare-and-set against the generation it was given; a remove waits until no change is under way and takes LIVE away. So a
 * change can never reach the kernel after the remove, where the same descriptor number may be a stranger's already.
 *
 * <p>The object stays with its slot for ever and serves one registration after another.
 */
final class EpollRegistration {
  private static final int CHANGING = 1;
  private static final int LIVE = 2;
  private static final int GENERATION_SHIFT = 2;
  private static final int GENERATION_MASK = 0x3fff_ffff;
  private static final int SPINS = 200;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(EpollRegistration.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int slot;
  private int state;
  int fd;
  Trigger trigger = Trigger.LEVEL;

  /** Written between begin and end of a change, read by the owner after an acquire of the state. */
  int interest;

  long token;

  /** The next free slot while this one is free. */
  int nextFree;

  EpollRegistration(int slot) {
    this.slot = slot;
    this.state = 1 << GENERATION_SHIFT;
  }

  /** Begins a registration; the owner's thread, on a free slot. */
  void begin(int newFd, int newInterest, Trigger newTrigger, long newToken) {
    fd = newFd;
    interest = newInterest;
    trigger = newTrigger;
    token = newToken;
    STATE.setRelease(this, state | LIVE);
  }

  /** The name of the registration outside: slot | generation << 32, always above zero. */
  long id() {
    return slot | (long) (state >>> GENERATION_SHIFT) << 32;
  }

  /** True if the id names the registration that lives here now; the owner's thread. */
  boolean is(long id) {
    return ((int) STATE.getAcquire(this) & ~CHANGING) == (generation(id) << GENERATION_SHIFT
        | LIVE);
  }

  /** Any thread: keeps the registration alive until {@link #endChange}; false if it is gone. */
  boolean beginChange(long id) {
    int live = generation(id) << GENERATION_SHIFT | LIVE;
    for (int tries = 0; !STATE.compareAndSet(this, live, live | CHANGING); tries++) {
      if (((int) STATE.getVolatile(this) & ~CHANGING) != live) {
        return false;
      }
      pause(tries);
    }
    return true;
  }

  /** Any thread, after {@link #beginChange}. */
  void endChange() {
    STATE.setRelease(this, state & ~CHANGING);
  }

  /** The owner's thread: ends the registration once no change is under way; false if it is gone already. */
  boolean end(long id) {
    int generation = generation(id);
    int live = generation << GENERATION_SHIFT | LIVE;
    int next = generation == GENERATION_MASK ? 1 : generation + 1;
    for (int tries = 0; !STATE.compareAndSet(this, live, next << GENERATION_SHIFT); tries++) {
      if (((int) STATE.getVolatile(this) & ~CHANGING) != live) {
        return false;
      }
      pause(tries);
    }
    return true;
  }

  private static void pause(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      // The changing thread is inside epoll_ctl, or has no processor: it may need this one.
      Thread.yield();
    }
  }

  private static int generation(long id) {
    return (int) (id >>> 32) & GENERATION_MASK;
  }
}
