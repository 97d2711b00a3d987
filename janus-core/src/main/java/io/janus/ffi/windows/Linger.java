package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** struct linger of Windows: 0 l_onoff, 2 l_linger (seconds), 4 bytes. */
public final class Linger {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_SHORT.withName("l_onoff"), JAVA_SHORT.withName("l_linger"));

  /** Bytes of the struct. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  private Linger() {}

  /** Makes closesocket send a reset: on, with zero seconds. */
  public static void setReset(MemorySegment linger) {
    linger.set(JAVA_SHORT, 0, (short) 1);
    linger.set(JAVA_SHORT, 2, (short) 0);
  }

  /** Makes closesocket return at once and the system send what is left, as it does by default. */
  public static void setOff(MemorySegment linger) {
    linger.set(JAVA_SHORT, 0, (short) 0);
    linger.set(JAVA_SHORT, 2, (short) 0);
  }
}
