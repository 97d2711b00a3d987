package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * struct io_uring_buf_ring: 16 bytes for each buffer (0 addr u64, 8 len u32, 12 bid u16, 14 resv u16). The ring's tail lies in the
 * last field of the first entry, so an entry is never written by one wide store.
 *
 * <p>And struct io_uring_buf_reg, which registers it, 40 bytes: 0 ring_addr u64, 8 ring_entries u32, 12 bgid u16, 14 flags u16.
 */
public final class UringBufferRing {
  /** Bytes of one entry. */
  public static final long BYTES = 16;

  /** Bytes of the registration. */
  public static final long REGISTRATION_BYTES = 40;

  private static final VarHandle TAIL = JAVA_SHORT.varHandle();
  private static final long TAIL_AT = 14;

  private UringBufferRing() {}

  /** Writes an entry. */
  public static void set(MemorySegment ring, int index, long address, int bytes, int buffer) {
    long at = index * BYTES;
    ring.set(JAVA_LONG, at, address);
    ring.set(JAVA_INT, at + 8, bytes);
    ring.set(JAVA_SHORT, at + 12, (short) buffer);
  }

  /** Shows the kernel all entries before the tail. */
  public static void publish(MemorySegment ring, int tail) {
    TAIL.setRelease(ring, TAIL_AT, (short) tail);
  }

  /** Fills a registration. */
  public static void setRegistration(
      MemorySegment registration, MemorySegment ring, int entries, int group) {
    registration.asSlice(0, REGISTRATION_BYTES).fill((byte) 0);
    registration.set(JAVA_LONG, 0, ring.address());
    registration.set(JAVA_INT, 8, entries);
    registration.set(JAVA_SHORT, 12, (short) group);
  }
}
