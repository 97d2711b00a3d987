package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** struct tcp_keepalive of {@link WinsockConstant#SIO_KEEPALIVE_VALS}: 0 onoff, 4 keepalivetime, 8 keepaliveinterval, 12 bytes. */
public final class TcpKeepalive {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("onoff"),
          JAVA_INT.withName("keepalivetime"),
          JAVA_INT.withName("keepaliveinterval"));

  /** Bytes of the struct. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  private TcpKeepalive() {}

  /** Writes one that switches probing on. */
  public static void set(MemorySegment keepalive, int idleMillis, int intervalMillis) {
    keepalive.set(JAVA_INT, 0, 1);
    keepalive.set(JAVA_INT, 4, idleMillis);
    keepalive.set(JAVA_INT, 8, intervalMillis);
  }
}
