package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringParams;
import io.janus.ffi.linux.UringSqe;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The queue towards the kernel. Entries are written freely and shown to the kernel by {@link #publish}; the kernel takes them
 * inside io_uring_enter and nowhere else.
 */
final class SubmissionRing {
  private static final VarHandle INT = JAVA_INT.varHandle();

  private final MemorySegment ring;
  private final MemorySegment entries;
  private final long headAt;
  private final long tailAt;
  private final long flagsAt;
  private final int mask;
  private final int capacity;
  private int tail;

  SubmissionRing(MemorySegment ring, MemorySegment entries, MemorySegment params) {
    this.ring = ring;
    this.entries = entries;
    headAt = UringParams.submissionOffset(params, 0);
    tailAt = UringParams.submissionOffset(params, 1);
    flagsAt = UringParams.submissionOffset(params, 4);
    mask = ring.get(JAVA_INT, UringParams.submissionOffset(params, 2));
    capacity = ring.get(JAVA_INT, UringParams.submissionOffset(params, 3));
    tail = ring.get(JAVA_INT, tailAt);
  }

  /** Older kernels look entries up through an array of indexes; entry i is always at index i. */
  void fillIndexes(MemorySegment params) {
    long arrayAt = UringParams.submissionOffset(params, 6);
    for (int i = 0; i < capacity; i++) {
      ring.set(JAVA_INT, arrayAt + 4L * i, i);
    }
  }

  /** Entries that the kernel has not taken yet. */
  int waiting() {
    return tail - (int) INT.getAcquire(ring, headAt);
  }

  boolean isFull() {
    return waiting() == capacity;
  }

  /** Appends an entry; there must be room. */
  void add(
      long head,
      long off,
      long addr,
      long lenAndFlags,
      long userData,
      long bufferAndFile,
      long addr3) {
    UringSqe.set(
        entries, tail & mask, head, off, addr, lenAndFlags, userData, bufferAndFile, addr3);
    tail++;
  }

  /** Shows all entries to the kernel and returns how many it has to take. */
  int publish() {
    INT.setRelease(ring, tailAt, tail);
    return waiting();
  }

  /** Takes the last entry back, which the kernel has not taken; it looks at the queue inside io_uring_enter only. */
  void retract() {
    tail--;
    INT.setRelease(ring, tailAt, tail);
  }

  /** True if completions wait in the kernel because the completion ring was full. */
  boolean hasOverflow() {
    return ((int) INT.getOpaque(ring, flagsAt) & Uring.SQ_CQ_OVERFLOW) != 0;
  }
}
