package io.janus.buffer;

import io.janus.ffi.call.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of one size for one thread. Memory comes in chunks that are mapped when first needed and unmapped at close, once
 * every buffer is home. Acquire and close belong to the thread that made the pool; release may come from any thread.
 *
 * <p>With {@code -Dio.janus.buffer.leaks=true} each acquisition remembers its place, and {@link #close} names the places of
 * the buffers that never came back.
 */
public final class BufferPool implements AutoCloseable {
  private static final boolean WATCH_LEAKS = Boolean.getBoolean("io.janus.buffer.leaks");
  private static final int CHUNK_BYTES = 1 << 20;

  /**
   * Distance between neighbours beside their size: one cache line. At a power of two all first bytes would fall into the same
   * few sets of the processor's caches, and small messages in many buffers would push each other out.
   */
  private static final int COLOUR_BYTES = 64;

  private static final VarHandle RETURNED;

  static {
    try {
      RETURNED =
          MethodHandles.lookup().findVarHandle(BufferPool.class, "returned", Buffer.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Thread owner = Thread.currentThread();
  private final int bufferBytes;
  private final int chunkBuffers;
  private final int capacity;

  /** Of the bound, what is not mapped yet. */
  private long unmapped;

  private final List<MemorySegment> chunks = new ArrayList<>();
  private final List<Buffer> all = new ArrayList<>();
  private @Nullable Buffer free;
  private int acquired;
  private int standingBy;
  private boolean closed;

  /** Buffers released by other threads: a stack that the owner empties at once. */
  private volatile @Nullable Buffer returned;

  /**
   * @param bufferBytes size of each buffer, 64 bytes to 16 MiB
   * @param maxBytes most native memory the pool may map, at least one buffer; it includes the cache line between neighbours, by which
   *     buffers of 16 KiB cost half a per cent and the smallest ones as much as themselves. The system maps whole pages of it
   */
  public BufferPool(int bufferBytes, long maxBytes) {
    checkSize(bufferBytes);
    if (maxBytes < bufferBytes) {
      throw new IllegalArgumentException(
          "pool size " + maxBytes + " bytes is below one buffer of " + bufferBytes + " bytes");
    }
    this.bufferBytes = bufferBytes;
    this.chunkBuffers = Math.max(1, CHUNK_BYTES / bufferBytes);
    this.unmapped = maxBytes;
    long chunks = maxBytes / chunkBytes(chunkBuffers);
    long rest = maxBytes % chunkBytes(chunkBuffers);
    int last = buffersWithin(rest);
    // A buffer that does not fit beside its neighbours may have room in a chunk of its own, without a line before it.
    int alone = last > 0 && rest - chunkBytes(last) >= bufferBytes ? 1 : 0;
    this.capacity = (int) Math.min(Integer.MAX_VALUE, chunks * chunkBuffers + last + alone);
  }

  /**
   * A bound with which a pool gives so many buffers: their sizes and a cache line between neighbours.
   *
   * @param bufferBytes as for the constructor
   * @param buffers 1 or more
   * @throws IllegalArgumentException for a size that the constructor refuses, or no buffer
   */
  public static long bytesOf(int bufferBytes, int buffers) {
    checkSize(bufferBytes);
    if (buffers < 1) {
      throw new IllegalArgumentException(
          "a pool of " + buffers + " buffers is none; ask for 1 or more");
    }
    return buffers * ((long) bufferBytes + COLOUR_BYTES) - COLOUR_BYTES;
  }

  private static void checkSize(int bufferBytes) {
    if (bufferBytes < 64 || bufferBytes > 16 << 20) {
      throw new IllegalArgumentException(
          "buffer size " + bufferBytes + " bytes is outside 64 to 16777216 bytes");
    }
  }

  private long chunkBytes(int buffers) {
    return bytesOf(bufferBytes, buffers);
  }

  private int buffersWithin(long bytes) {
    return (int) Math.min(chunkBuffers,
        (bytes + COLOUR_BYTES) / ((long) bufferBytes + COLOUR_BYTES));
  }

  /**
   * An empty buffer, now the caller's, or null when the pool is used up or the system has no memory for it now.
   *
   * @throws IllegalStateException on another thread, or after {@link #close}
   */
  public @Nullable Buffer acquire() {
    checkOwner();
    Buffer buffer = free;
    if (buffer == null) {
      buffer = refill();
      if (buffer == null) {
        return null;
      }
    }
    free = buffer.next;
    buffer.next = null;
    buffer.custody = Custody.OWNED;
    buffer.clear();
    acquired++;
    if (WATCH_LEAKS) {
      buffer.acquiredAt = new Throwable("acquired here");
    }
    return buffer;
  }

  /**
   * Puts an acquired buffer on stand-by: lent to the kernel for whichever receive comes first, it belongs to nobody's operation and
   * does not count as outstanding. For whoever implements a port.
   */
  public void standBy(Buffer buffer) {
    checkOwner();
    Custody.give(buffer, Custody.RECEIVE);
    acquired--;
    standingBy++;
  }

  /** Ends a stand-by: the buffer is acquired and the caller's again. */
  public void called(Buffer buffer) {
    Objects.requireNonNull(buffer, "buffer");
    checkOwner();
    Custody.giveBack(buffer);
    standingBy--;
    acquired++;
  }

  /** Most buffers that can be out at the same time. */
  public int capacity() {
    return capacity;
  }

  /** Size of each buffer in bytes. */
  public int bufferBytes() {
    return bufferBytes;
  }

  /** Buffers that are out now. The owner's number; other threads may see an older one. */
  public int outstanding() {
    if (Thread.currentThread() == owner) {
      collectReturned();
    }
    return acquired;
  }

  /** Native bytes mapped by the pool. */
  public long mappedBytes() {
    long bytes = 0;
    for (MemorySegment chunk : chunks) {
      bytes += chunk.byteSize();
    }
    return bytes;
  }

  /**
   * Unmaps all chunks if every buffer is home. If even one is still out, nothing is unmapped, because the kernel or a thread
   * may still use it: all chunks stay mapped and the pool stays open, for good unless close is called again once the buffers
   * have come home.
   *
   * @throws IllegalStateException if buffers are still out, with the places of acquisition where they are watched; or on
   *     another thread, which changes nothing
   */
  @Override
  public void close() {
    checkOwner();
    if (closed) {
      return;
    }
    collectReturned();
    if (acquired + standingBy > 0) {
      throw leak();
    }
    closed = true;
    free = null;
    all.clear();
    chunks.forEach(NativeMemory::unmap);
    chunks.clear();
  }

  void takeBack(Buffer buffer) {
    buffer.acquiredAt = null;
    if (Thread.currentThread() == owner) {
      putFree(buffer);
      return;
    }
    buffer.custody = Custody.POOLED;
    Buffer head;
    do {
      head = returned;
      buffer.next = head;
    } while (!RETURNED.compareAndSet(this, head, buffer));
  }

  private void putFree(Buffer buffer) {
    buffer.custody = Custody.POOLED;
    buffer.next = free;
    free = buffer;
    acquired--;
  }

  private void collectReturned() {
    Buffer buffer = returned == null ? null : (Buffer) RETURNED.getAndSet(this, null);
    while (buffer != null) {
      Buffer next = buffer.next;
      putFree(buffer);
      buffer = next;
    }
  }

  /** Two threads would take the same buffer from the free list, so this is asked even where nothing is mapped. */
  private void checkOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "buffer pool of thread " + owner.getName() + " used by "
              + Thread.currentThread().getName());
    }
  }

  private @Nullable Buffer refill() {
    if (closed) {
      throw new IllegalStateException("the buffer pool is closed");
    }
    collectReturned();
    if (free == null) {
      map(Math.min(buffersWithin(unmapped), capacity - all.size()));
    }
    return free;
  }

  private void map(int count) {
    if (count <= 0) {
      return;
    }
    long stride = (long) bufferBytes + COLOUR_BYTES;
    MemorySegment chunk;
    try {
      chunk = NativeMemory.map(chunkBytes(count));
    } catch (OutOfMemoryError refused) {
      // As if the pool were used up: whoever asked waits and asks again, and the loop lives on.
      return;
    }
    chunks.add(chunk);
    unmapped -= chunk.byteSize();
    for (int i = count - 1; i >= 0; i--) {
      Buffer buffer =
          new Buffer(chunk.asSlice(i * stride, bufferBytes), this, Custody.POOLED);
      all.add(buffer);
      buffer.next = free;
      free = buffer;
    }
  }

  private IllegalStateException leak() {
    int out = acquired + standingBy;
    IllegalStateException leak =
        new IllegalStateException(
            out + (out == 1 ? " buffer was" : " buffers were") + " never released"
                + (WATCH_LEAKS ? ""
                    : "; start with -Dio.janus.buffer.leaks=true to see where they were acquired"));
    for (Buffer buffer : all) {
      if (buffer.acquiredAt != null && leak.getSuppressed().length < 8) {
        leak.addSuppressed(buffer.acquiredAt);
      }
    }
    return leak;
  }
}
