package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** struct tcp_info of linux/tcp.h, up to the one field of it that is used here. */
public final class TcpInfo {
  /** tcpi_bytes_acked, a u64; since Linux 4.1. */
  public static final int BYTES_ACKED_AT = 120;

  /** Bytes of the struct up to the end of that field; a kernel tells as many as it is asked for. */
  public static final int BYTES = BYTES_ACKED_AT + Long.BYTES;

  private TcpInfo() {}

  /** Bytes that the peer's system has acknowledged, ever. */
  public static long bytesAcked(MemorySegment info) {
    return info.get(JAVA_LONG, BYTES_ACKED_AT);
  }
}
