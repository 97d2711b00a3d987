package io.janus.completion.iocp;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.windows.Overlapped;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The native part of operations: cells of one size, each beginning with an {@link Overlapped}, in chunks that never move, because the
 * system writes to a cell until the operation's packet has been dequeued. A cell that is over is poisoned, so that a write that comes
 * too late is found when the cell is used again, instead of ending somebody else's operation.
 */
final class OverlappedSlab implements AutoCloseable {
  static final int NONE = -1;

  /** At the start of each chunk, for what the system reads during a call only. */
  static final long HEAD_BYTES = 256;

  private static final int CHUNK_SHIFT = 9;
  private static final int CHUNK_CELLS = 1 << CHUNK_SHIFT;
  private static final long POISON = 0xdead_0eed_dead_0eedL;

  private final int cellBytes;
  private MemorySegment[] chunks = new MemorySegment[0];

  /** Cells that were given back, for slabs that number their cells themselves. */
  private int[] free = new int[0];

  private int freeCount;
  private int used;

  /**
   * @param cellBytes a multiple of 8
   */
  OverlappedSlab(int cellBytes) {
    this.cellBytes = cellBytes;
  }

  /** True if there is a cell of this number; false if the system has no memory for it now. */
  boolean reaches(int index) {
    while (index >> CHUNK_SHIFT >= chunks.length) {
      MemorySegment chunk;
      try {
        chunk = NativeMemory.map(HEAD_BYTES + (long) CHUNK_CELLS * cellBytes);
      } catch (OutOfMemoryError refused) {
        return false;
      }
      chunks = Arrays.copyOf(chunks, chunks.length + 1);
      chunks[chunks.length - 1] = chunk;
      for (int i = 0; i < CHUNK_CELLS; i++) {
        poison((chunks.length - 1 << CHUNK_SHIFT) + i);
      }
    }
    return true;
  }

  /** Takes a cell that is free, or {@link #NONE} if the system has no memory for it now. */
  int take() {
    if (freeCount > 0) {
      return free[--freeCount];
    }
    return reaches(used) ? used++ : NONE;
  }

  /** Gives a cell back that {@link #take} gave. */
  void give(int index) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, Math.max(16, 2 * freeCount));
    }
    free[freeCount++] = index;
  }

  /** The chunk in which the cell lies. */
  MemorySegment chunk(int index) {
    return chunks[index >> CHUNK_SHIFT];
  }

  /** Where in the chunk the cell lies. */
  long at(int index) {
    return HEAD_BYTES + (long) (index & CHUNK_CELLS - 1) * cellBytes;
  }

  /** The address of the cell's {@link Overlapped}, by which a packet names the operation. */
  long address(int index) {
    return chunk(index).address() + at(index);
  }

  /**
   * Makes the cell ready for an operation.
   *
   * @throws IllegalStateException if somebody has written to it since its last operation was over
   */
  void prepare(int index) {
    MemorySegment chunk = chunk(index);
    long at = at(index);
    for (long i = 0; i < Overlapped.BYTES; i += Long.BYTES) {
      if (chunk.get(JAVA_LONG, at + i) != POISON) {
        throw new IllegalStateException(
            "the memory of an operation that was over has been written to, in cell " + index
                + "; report this as a defect of Janus");
      }
    }
    Overlapped.clear(chunk, at);
  }

  /** The status of an operation whose packet has been dequeued. */
  int status(int index) {
    return Overlapped.status(chunk(index), at(index));
  }

  /** The bytes of an operation that is done. */
  int count(int index) {
    return Overlapped.count(chunk(index), at(index));
  }

  /** The cell's operation is over. */
  void poison(int index) {
    MemorySegment chunk = chunk(index);
    long at = at(index);
    for (long i = 0; i < Overlapped.BYTES; i += Long.BYTES) {
      chunk.set(JAVA_LONG, at + i, POISON);
    }
  }

  /** With no operation in flight. */
  @Override
  public void close() {
    for (MemorySegment chunk : chunks) {
      NativeMemory.unmap(chunk);
    }
    chunks = new MemorySegment[0];
  }
}
