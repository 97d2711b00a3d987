package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * struct io_uring_params, 120 bytes: asked by the program, answered by the kernel with the offsets of both rings.
 *
 * <pre>
 *   0 sq_entries  4 cq_entries  8 flags  12 sq_thread_cpu  16 sq_thread_idle  20 features  24 wq_fd  28 resv[3]
 *   40 sq_off: head tail ring_mask ring_entries flags dropped array resv1 user_addr
 *   80 cq_off: head tail ring_mask ring_entries overflow cqes flags resv1 user_addr
 * </pre>
 */
public final class UringParams {
  private static final StructLayout SQ_OFF =
      MemoryLayout.structLayout(
          JAVA_INT.withName("head"),
          JAVA_INT.withName("tail"),
          JAVA_INT.withName("ring_mask"),
          JAVA_INT.withName("ring_entries"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("dropped"),
          JAVA_INT.withName("array"),
          JAVA_INT.withName("resv1"),
          JAVA_LONG.withName("user_addr"));
  private static final StructLayout CQ_OFF =
      MemoryLayout.structLayout(
          JAVA_INT.withName("head"),
          JAVA_INT.withName("tail"),
          JAVA_INT.withName("ring_mask"),
          JAVA_INT.withName("ring_entries"),
          JAVA_INT.withName("overflow"),
          JAVA_INT.withName("cqes"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("resv1"),
          JAVA_LONG.withName("user_addr"));

  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("sq_entries"),
          JAVA_INT.withName("cq_entries"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("sq_thread_cpu"),
          JAVA_INT.withName("sq_thread_idle"),
          JAVA_INT.withName("features"),
          JAVA_INT.withName("wq_fd"),
          MemoryLayout.sequenceLayout(3, JAVA_INT).withName("resv"),
          SQ_OFF.withName("sq_off"),
          CQ_OFF.withName("cq_off"));

  /** Bytes of the struct. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long SQ_OFF_AT = 40;
  private static final long CQ_OFF_AT = 80;

  private UringParams() {}

  /** Fills a struct for a setup: everything else is zero, as the kernel demands. */
  public static void ask(MemorySegment params, int flags, int completionEntries) {
    params.asSlice(0, BYTES).fill((byte) 0);
    params.set(JAVA_INT, 4, completionEntries);
    params.set(JAVA_INT, 8, flags);
  }

  public static int submissionEntries(MemorySegment params) {
    return params.get(JAVA_INT, 0);
  }

  public static int completionEntries(MemorySegment params) {
    return params.get(JAVA_INT, 4);
  }

  public static int features(MemorySegment params) {
    return params.get(JAVA_INT, 20);
  }

  /** A field of sq_off by its place among the ints: 0 head, 1 tail, 2 mask, 3 entries, 4 flags, 5 dropped, 6 array. */
  public static int submissionOffset(MemorySegment params, int field) {
    return params.get(JAVA_INT, SQ_OFF_AT + 4L * field);
  }

  /** A field of cq_off by its place among the ints: 0 head, 1 tail, 2 mask, 3 entries, 4 overflow, 5 cqes. */
  public static int completionOffset(MemorySegment params, int field) {
    return params.get(JAVA_INT, CQ_OFF_AT + 4L * field);
  }
}
