package io.janus.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The only door of a loop for other threads: a bounded queue of tasks, many producers, one consumer, and the flag by which a
 * producer learns whether the loop sleeps and must be woken.
 *
 * <p>Neither side can miss the other: the producer puts its task in and then reads the flag, the loop sets the flag and then
 * looks for tasks, and a full fence stands between the two steps on both sides.
 */
public final class Mailbox {
  /** The bit of the tail that says: closed. */
  private static final long CLOSED = Long.MIN_VALUE;

  private static final VarHandle SLEEPING;
  private static final VarHandle TAIL;
  private static final VarHandle HEAD;
  private static final VarHandle TASKS = MethodHandles.arrayElementVarHandle(Runnable[].class);

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      SLEEPING = lookup.findVarHandle(Mailbox.class, "sleeping", boolean.class);
      TAIL = lookup.findVarHandle(Mailbox.class, "tail", long.class);
      HEAD = lookup.findVarHandle(Mailbox.class, "head", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Runnable[] tasks;
  private final int mask;
  private boolean sleeping;

  /** The next place for a producer. */
  private long tail;

  /** The next place for the consumer. */
  private long head;

  /**
   * @param capacity most tasks that may wait; a power of two
   */
  public Mailbox(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("mailbox of " + capacity + " tasks is not a power of two");
    }
    tasks = new Runnable[capacity];
    mask = capacity - 1;
  }

  /** Any thread: appends a task; false if the mailbox is full, and then nothing was taken. */
  public boolean offer(Runnable task) {
    Objects.requireNonNull(task, "task");
    long at;
    do {
      at = (long) TAIL.getVolatile(this);
      if (at < 0 || at - (long) HEAD.getAcquire(this) > mask) {
        return false;
      }
    } while (!TAIL.compareAndSet(this, at, at + 1));
    TASKS.setRelease(tasks, (int) at & mask, task);
    return true;
  }

  /** The loop, as it ends: no task is taken any more, and those that were will all be found by {@link #poll}. */
  void close() {
    TAIL.getAndBitwiseOr(this, CLOSED);
  }

  /** True after {@link #close}. */
  boolean isClosed() {
    return (long) TAIL.getVolatile(this) < 0;
  }

  /** Any thread, after {@link #offer}: true if the loop may be asleep and must be woken. */
  public boolean mustWake() {
    VarHandle.fullFence();
    return (boolean) SLEEPING.getOpaque(this);
  }

  /** The loop: the next task, or null. A task whose producer is still putting it in counts as not there yet. */
  @Nullable
  Runnable poll() {
    int at = (int) head & mask;
    Runnable task = (Runnable) TASKS.getAcquire(tasks, at);
    if (task != null) {
      tasks[at] = null;
      HEAD.setRelease(this, head + 1);
    }
    return task;
  }

  /** The loop, before it waits: false if a task is there, and then it must not wait. */
  boolean fallAsleep() {
    SLEEPING.setOpaque(this, true);
    VarHandle.fullFence();
    return size() == 0;
  }

  /** The loop, after it waited. */
  void wakeUp() {
    SLEEPING.setOpaque(this, false);
  }

  /** Tasks that wait now, about. */
  public int size() {
    return (int) (((long) TAIL.getVolatile(this) & ~CLOSED) - (long) HEAD.getAcquire(this));
  }
}
