package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** TCP_INITIAL_RTO_PARAMETERS: 0 Rtt (milliseconds), 2 MaxSynRetransmissions (+1), 4 bytes. */
public final class TcpInitialRto {
  /** "Do not send the SYN again", a value of its own of the second field. */
  public static final int TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS = 0xfe;

  /** "As the system does by default", for the first field. */
  public static final int TCP_INITIAL_RTO_UNSPECIFIED_RTT = 0xffff;

  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("Rtt"),
          JAVA_BYTE.withName("MaxSynRetransmissions"),
          MemoryLayout.paddingLayout(1));

  /** Bytes of the struct. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  private TcpInitialRto() {}

  /** Makes a connect give up at the first refusal. */
  public static void setNoRetransmission(MemorySegment parameters) {
    parameters.set(JAVA_SHORT, 0, (short) TCP_INITIAL_RTO_UNSPECIFIED_RTT);
    parameters.set(JAVA_BYTE, 2, (byte) TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS);
  }
}
