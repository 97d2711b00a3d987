package io.janus.ffi.windows;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Waker;
import java.lang.foreign.Arena;

/**
 * Ends a wait on a completion port from any thread: a posted packet with a key of its own. Several wakes before the waiter takes the
 * packet are one packet.
 */
public final class PortWaker extends Waker {
  private final long port;
  private final long key;

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

  @Override
  protected boolean signal() {
    // Memory of the call only: the waking thread may be any thread, also a virtual one.
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      return Ioapiset.postQueuedCompletionStatus(errno, port, 0, key, 0) >= 0;
    }
  }
}
