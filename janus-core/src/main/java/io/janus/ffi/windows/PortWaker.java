package io.janus.ffi.windows;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Waker;
import java.lang.foreign.Arena;

/**
 * Ends a wait on a completion port from any thread: a posted packet with a key of its own. Several wakes before the waiter takes the
 * packet are one packet.
 *
 * <p>A packet takes memory of the kernel, which may be short. A wake without one is owed: the waiter sees it when it looks, before a wait
 * and after each one, and no wait is longer than {@link #LONGEST_WAIT_MILLIS}, so it is late then and never lost.
 */
public final class PortWaker extends Waker {
  /** The longest single wait of a waiter; whoever waits longer looks whether a wake is owed and waits again. */
  public static final int LONGEST_WAIT_MILLIS = 1_000;

  private final long port;
  private final long key;
  private volatile boolean owed;

  /**
   * @param port stays the caller's, who closes it after {@link #close}
   * @param key comes with the packet, for which the waiter calls {@link #taken}
   */
  public PortWaker(long port, long key) {
    this.port = port;
    this.key = key;
  }

  /** The owner's thread: after this no other thread posts, so the port can be closed. */
  public void close() {
    shut();
  }

  /** The waiter's thread: takes a wake whose packet the system had no memory for; false if there is none. */
  public boolean takeOwed() {
    if (!owed) {
      return false;
    }
    // Before the waiter looks for what it was woken for: a wake that fails after this is owed anew.
    owed = false;
    // Whoever could not post may not have taken back his word yet, and whoever wakes meanwhile would rely on it.
    taken();
    return true;
  }

  @Override
  protected boolean signal() {
    // Memory of the call only: the waking thread may be any thread, also a virtual one.
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      boolean posted = Ioapiset.postQueuedCompletionStatus(errno, port, 0, key, 0) >= 0;
      if (!posted) {
        owed = true;
      }
      return posted;
    }
  }
}
