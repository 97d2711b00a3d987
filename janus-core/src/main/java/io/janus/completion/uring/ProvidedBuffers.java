package io.janus.completion.uring;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.ffi.OsException;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringBufferRing;
import io.janus.limit.Limits;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Buffers that the kernel may fill for any receive of this ring that brought none, so that an idle connection holds none. They are
 * the pool's own buffers, lent to the ring; each that comes back full is replaced before the next submit. The kernel takes them in
 * turn, so every one of them is touched sooner or later: a few are lent at first, and twice as many each time they did not suffice.
 */
final class ProvidedBuffers {
  /** The only group of the ring. */
  static final int GROUP = 0;

  private static final int MOST = 32_768;

  /** Enters in a row in which the kernel found the ring empty and brought no buffer back; then there are none for now. */
  private static final int MOST_DRY_ENTERS = 1_000;

  /** One enter hands out some twenty completions, two of them at most forty before the ring is filled up again. */
  private static final int FIRST = 64;

  private final UringInstance instance;
  private final BufferPool pool;
  private final int most;
  private final int mask;
  private final MemorySegment ring;

  /** By the number under which the kernel knows it; null where the number is free. */
  private final @Nullable Buffer[] lent;

  private final int[] freeNumbers;
  private int free;
  private int tail;

  /** Enters in a row that found the ring empty although some are lent; and whether one has since the last enter. */
  private int dryEnters;

  private boolean dry;

  private int target;
  private boolean wanted;

  private ProvidedBuffers(
      UringInstance instance, BufferPool pool, int most, int entries, MemorySegment ring) {
    this.instance = instance;
    this.pool = pool;
    this.most = most;
    this.target = Math.min(FIRST, most);
    this.ring = ring;
    mask = entries - 1;
    lent = new Buffer[entries];
    freeNumbers = new int[entries];
    for (int i = 0; i < entries; i++) {
      freeNumbers[i] = entries - 1 - i;
    }
    free = entries;
  }

  /** Registers an empty ring; it takes buffers from the pool when the first receive without a buffer comes. */
  static ProvidedBuffers open(UringInstance instance, BufferPool pool, Limits limits)
      throws OsException {
    // What one batch may fill; and never more than half of the pool, for the rest is what sends are made of.
    int half = Math.max(1, pool.capacity() / 2);
    int most = Math.min(most(limits), half);
    int entries = UringSetup.powerOfTwo(most);
    MemorySegment ring = NativeMemory.map(entries * UringBufferRing.BYTES);
    UringBufferRing.setRegistration(instance.scratch(), ring, entries, GROUP);
    int result = instance.register(Uring.REGISTER_PBUF_RING, instance.scratch(), 1);
    if (result < 0) {
      NativeMemory.unmap(ring);
    }
    UringErrors.check("register a ring of " + entries + " buffers", result);
    return new ProvidedBuffers(instance, pool, most, entries, ring);
  }

  /** Memory of the ring itself, which counts as locked; the buffers do not. */
  static long lockedBytes(Limits limits) {
    return UringSetup.pages(UringSetup.powerOfTwo(most(limits)) * UringBufferRing.BYTES);
  }

  private static int most(Limits limits) {
    return Math.min(Math.max(8, limits.batchEvents()), MOST);
  }

  int bufferBytes() {
    return pool.bufferBytes();
  }

  /** From now on receives without a buffer are in flight. */
  void want() {
    if (!wanted) {
      wanted = true;
      refill();
    }
  }

  /**
   * Lends buffers until the ring is as full as it should be or the pool is empty.
   *
   * @return true if the ring has any now, as far as is known here
   */
  boolean refill() {
    int before = tail;
    while (wanted && lentNow() < target) {
      Buffer buffer = pool.acquire();
      if (buffer == null) {
        break;
      }
      int number = freeNumbers[--free];
      lent[number] = buffer;
      pool.standBy(buffer);
      MemorySegment memory = Custody.memory(buffer);
      UringBufferRing.set(
          ring, tail & mask, memory.address(), (int) memory.byteSize(), number);
      tail++;
    }
    if (tail != before) {
      UringBufferRing.publish(ring, tail);
    }
    return lentNow() > 0;
  }

  /** What has come back is lent again. */
  void beforeEnter() {
    dryEnters += dry ? 1 : 0;
    dry = false;
    refill();
  }

  /**
   * The kernel found the ring empty: from now on more are lent. Buffers that are lent may be in the hands of its workers; if it finds the
   * ring empty again and again and none comes back, there are none.
   *
   * @return as {@link #refill}
   */
  boolean ranDry() {
    target = Math.min(most, 2 * target);
    int before = tail;
    boolean has = refill();
    dry = tail == before;
    if (!dry) {
      dryEnters = 0;
    }
    return has && dryEnters < MOST_DRY_ENTERS;
  }

  /** Takes the buffer that a completion names; it is the port's again. */
  Buffer take(int completionFlags) {
    dry = false;
    dryEnters = 0;
    int number = completionFlags >>> Uring.CQE_BUFFER_SHIFT;
    Buffer buffer = lent[number];
    if (buffer == null) {
      throw new IllegalStateException("the kernel named buffer " + number + ", which it has not");
    }
    lent[number] = null;
    freeNumbers[free++] = number;
    pool.called(buffer);
    return buffer;
  }

  /** Reads something of the buffer that a completion names, so that it is in the cache when its turn comes. */
  int touch(int completionFlags) {
    Buffer buffer = lent[completionFlags >>> Uring.CQE_BUFFER_SHIFT];
    return buffer == null ? 0 : Custody.writeIndex(buffer);
  }

  /** Unregisters the ring and gives all buffers back; no receive may be in flight. */
  void close() {
    UringBufferRing.setRegistration(instance.scratch(), ring, 0, GROUP);
    instance.register(Uring.UNREGISTER_PBUF_RING, instance.scratch(), 1);
    for (int i = 0; i < lent.length; i++) {
      Buffer buffer = lent[i];
      if (buffer != null) {
        lent[i] = null;
        pool.called(buffer);
        buffer.release();
      }
    }
    NativeMemory.unmap(ring);
  }

  private int lentNow() {
    return lent.length - free;
  }
}
