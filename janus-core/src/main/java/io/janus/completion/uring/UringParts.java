package io.janus.completion.uring;

import io.janus.buffer.BufferPool;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.wake.EventfdWaker;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a port's ring is made of: opened together or not at all, and closed together. */
final class UringParts {
  private static final int LEAST_ENTRIES = 64;
  private static final int MOST_ENTRIES = 4096;

  final UringInstance instance;
  final EventfdWaker waker;
  final ProvidedBuffers provided;
  final UringAbilities abilities;

  /** Null where sockets are the process's. */
  final @Nullable DirectDescriptors direct;

  UringParts(
      UringCalls calls, BufferPool pool, Limits limits, Counters counters, int directDescriptors)
      throws OsException {
    instance = new UringInstance(calls, entries(limits), counters);
    EventfdWaker openedWaker = null;
    ProvidedBuffers openedBuffers = null;
    try {
      openedWaker = EventfdWaker.open(instance.errno);
      openedBuffers = ProvidedBuffers.open(instance, pool, limits);
      abilities = new UringAbilities(instance, openedWaker.fd());
      direct =
          directDescriptors == 0
              ? null
              : DirectDescriptors.open(
                  instance, directDescriptors, limits.backlog(), abilities.lends);
    } catch (OsException | RuntimeException | Error e) {
      release(openedBuffers, openedWaker);
      throw e;
    }
    waker = openedWaker;
    provided = openedBuffers;
  }

  /**
   * What the kernel counts of one ring against the memory that its user may lock: both queues, the entries, and the ring of provided
   * buffers. Never less than that; a few pages more where the pool is small.
   */
  static long lockedBytes(Limits limits) {
    return UringSetup.lockedBytes(entries(limits)) + ProvidedBuffers.lockedBytes(limits);
  }

  private static int entries(Limits limits) {
    return Math.clamp(limits.batchEvents(), LEAST_ENTRIES, MOST_ENTRIES);
  }

  /** The set-up of the ring and its table, in words. */
  String setUp() {
    return "ring with " + instance.setUp()
        + (direct == null
            ? ", descriptors of the process"
            : String.format(Locale.ROOT, ", a table of %,d direct descriptors", direct.size()));
  }

  /** Ends the ring; nothing may be in flight. */
  void close() {
    release(provided, waker);
  }

  private void release(@Nullable ProvidedBuffers buffers, @Nullable EventfdWaker wakeUp) {
    if (buffers != null) {
      buffers.close();
    }
    if (wakeUp != null) {
      wakeUp.close(instance.errno);
    }
    instance.close();
  }
}
