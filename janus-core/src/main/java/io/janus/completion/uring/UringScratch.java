package io.janus.completion.uring;

import io.janus.ffi.linux.Iovec;
import io.janus.ffi.linux.Msghdr;
import io.janus.socket.Sockets;
import java.lang.foreign.MemorySegment;

/**
 * Cells for addresses, message headers and gather lists, which the kernel copies when it takes the entry that points to them. So a
 * cell is free again as soon as no entry waits in the submission queue.
 */
final class UringScratch {
  private static final int CELLS = 64;

  /** A message header, then its gather list; or an address. */
  private static final long VECTORS_AT = 64;

  private static final long CELL_BYTES = VECTORS_AT + Sockets.MAX_GATHER * Iovec.BYTES;

  /** Bytes of all cells. */
  static final long BYTES = CELLS * CELL_BYTES;

  private final UringInstance instance;
  private final MemorySegment memory;
  private int used;

  UringScratch(UringInstance instance) {
    this.instance = instance;
    this.memory = instance.cells();
  }

  /** True if a cell can be taken, after a submit if all are in use. */
  boolean hasRoom() {
    if (instance.submissions.waiting() == 0) {
      used = 0;
    } else if (used == CELLS) {
      used = instance.submit() ? 0 : CELLS;
    }
    return used < CELLS;
  }

  /** The next cell. */
  MemorySegment take() {
    return memory.asSlice(used++ * CELL_BYTES, CELL_BYTES);
  }

  /** The part of a cell for a message header, zeroed. */
  static MemorySegment message(MemorySegment cell) {
    return cell.asSlice(0, Msghdr.BYTES).fill((byte) 0);
  }

  /** The part of a cell for a gather list. */
  static MemorySegment vectors(MemorySegment cell) {
    return cell.asSlice(VECTORS_AT);
  }
}
