package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.linux.UringBufferRing;
import java.lang.foreign.MemorySegment;

/** The kernel's end of a ring of provided buffers. */
final class SimProvided {
  private static final long TAIL_AT = 14;
  private final MemorySegment ring;
  private final int mask;
  private int head;

  /** A buffer that the kernel may fill. */
  record Provided(long address, int bytes, int number) {}

  /**
   * @param registration struct io_uring_buf_reg
   */
  SimProvided(MemorySegment registration) {
    int entries = registration.get(JAVA_INT, 8);
    ring =
        MemorySegment.ofAddress(registration.get(JAVA_LONG, 0))
            .reinterpret(entries * UringBufferRing.BYTES);
    mask = entries - 1;
  }

  boolean isEmpty() {
    return (short) head == ring.get(JAVA_SHORT, TAIL_AT);
  }

  /** The next one; it is taken by {@link #take}. */
  Provided peek() {
    long at = (head & mask) * UringBufferRing.BYTES;
    return new Provided(
        ring.get(JAVA_LONG, at), ring.get(JAVA_INT, at + 8),
        ring.get(JAVA_SHORT, at + 12) & 0xffff);
  }

  void take() {
    head++;
  }
}
