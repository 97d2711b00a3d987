package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.socket.Sockets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The operations in flight of one port: one slot each, from submit to last completion. A slot's name outside is {@code slot
 * | generation << 32}, so a late cancel or completion of an operation that is over never meets its successor. A backend keeps
 * its native part (OVERLAPPED, msghdr) by the same slot number.
 */
public final class OperationTable {
  /** No slot. */
  public static final int NONE = -1;

  private static final int GENERATION_MASK = 0x7fff_ffff;

  private final int capacity;
  private Operation[] kinds = new Operation[0];
  private long[] tokens = new long[0];
  private long[] handles = new long[0];
  private int[] generations = new int[0];
  private int[] next = new int[0];
  private @Nullable Buffer[] buffers = new Buffer[0];
  private Buffer[] @Nullable [] gathers = new Buffer[0][];
  private byte[] gatherCounts = new byte[0];
  private int free = NONE;
  private int inFlight;

  /**
   * @param capacity most operations in flight
   */
  public OperationTable(int capacity) {
    this.capacity = capacity;
  }

  /** Takes a slot, or {@link #NONE} if all are in flight. */
  public int take(Operation kind, long token, long handle, @Nullable Buffer buffer) {
    if (free == NONE && !grow()) {
      return NONE;
    }
    int slot = free;
    free = next[slot];
    kinds[slot] = kind;
    tokens[slot] = token;
    handles[slot] = handle;
    buffers[slot] = buffer;
    inFlight++;
    return slot;
  }

  /** Remembers the buffers of a gathered send. */
  public void gather(int slot, Buffer[] from, int count) {
    Buffer[] kept = gathers[slot];
    if (kept == null) {
      // Stays with the slot: slots are reused last in, first out, so few ever have one, and a busy one makes no garbage.
      kept = new Buffer[Sockets.MAX_GATHER];
      gathers[slot] = kept;
    }
    System.arraycopy(from, 0, kept, 0, count);
    gatherCounts[slot] = (byte) count;
  }

  /** Frees the slot after the last completion. */
  public void release(int slot) {
    forgetBuffers(slot);
    generations[slot] = (generations[slot] + 1) & GENERATION_MASK;
    next[slot] = free;
    free = slot;
    inFlight--;
  }

  /** The operation's name outside, above zero. */
  public long id(int slot) {
    return slot | (long) (generations[slot] + 1) << 32;
  }

  /** The slot of an operation in flight, or {@link #NONE} if it is over. */
  public int find(long id) {
    int slot = (int) id;
    return id > 0 && slot >= 0 && slot < generations.length && id(slot) == id ? slot : NONE;
  }

  /** True if no further operation can be taken. */
  public boolean isFull() {
    return inFlight == capacity;
  }

  /** Operations in flight. */
  public int inFlight() {
    return inFlight;
  }

  /** What the operation in the slot is. */
  public Operation kind(int slot) {
    return kinds[slot];
  }

  /** The caller's token. */
  public long token(int slot) {
    return tokens[slot];
  }

  /** The handle it works on. */
  public long handle(int slot) {
    return handles[slot];
  }

  /** The buffer it holds, if any. */
  public @Nullable Buffer buffer(int slot) {
    return buffers[slot];
  }

  /** Hands the operation a buffer that came after its submit. */
  public void setBuffer(int slot, @Nullable Buffer buffer) {
    buffers[slot] = buffer;
  }

  /** Leaves the buffers to the caller. */
  public void forgetBuffers(int slot) {
    buffers[slot] = null;
    gatherCounts[slot] = 0;
  }

  /** How many buffers a gathered send has; 0 for everything else. */
  public int gatherCount(int slot) {
    return gatherCounts[slot];
  }

  /** The buffers of a gathered send, the first {@link #gatherCount} of the array; never kept by the caller. */
  public Buffer[] gather(int slot) {
    Buffer[] kept = gathers[slot];
    if (kept == null) {
      throw new IllegalStateException("operation " + slot + " is no gathered send");
    }
    return kept;
  }

  private boolean grow() {
    int old = generations.length;
    int size = Math.min(capacity, Math.max(16, old + (old >> 1)));
    if (size == old) {
      return false;
    }
    kinds = Arrays.copyOf(kinds, size);
    tokens = Arrays.copyOf(tokens, size);
    handles = Arrays.copyOf(handles, size);
    generations = Arrays.copyOf(generations, size);
    next = Arrays.copyOf(next, size);
    buffers = Arrays.copyOf(buffers, size);
    gathers = Arrays.copyOf(gathers, size);
    gatherCounts = Arrays.copyOf(gatherCounts, size);
    for (int slot = size - 1; slot >= old; slot--) {
      next[slot] = free;
      free = slot;
    }
    return true;
  }
}
