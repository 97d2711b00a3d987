package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** struct linger: 0 l_onoff, 4 l_linger (seconds), 8 bytes. */
public final class Linger {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("l_onoff"), JAVA_INT.withName("l_linger"));

  /** Bytes of the struct. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  private Linger() {}

  /** Makes close send a reset: on, with zero seconds. */
  public static void setReset(MemorySegment linger) {
    linger.set(JAVA_INT, 0, 1);
    linger.set(JAVA_INT, 4, 0);
  }
}
