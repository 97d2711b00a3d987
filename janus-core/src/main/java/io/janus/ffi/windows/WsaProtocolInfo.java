package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_CHAR;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** WSAPROTOCOL_INFOW, 628 bytes: the provider behind a socket. Only its first field, dwServiceFlags1, is read. */
public final class WsaProtocolInfo {
  /** The struct with C's field names; its two inner structs hold nothing but numbers of 4 bytes' alignment. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("dwServiceFlags1"),
          JAVA_INT.withName("dwServiceFlags2"),
          JAVA_INT.withName("dwServiceFlags3"),
          JAVA_INT.withName("dwServiceFlags4"),
          JAVA_INT.withName("dwProviderFlags"),
          Guid.LAYOUT.withName("ProviderId"),
          JAVA_INT.withName("dwCatalogEntryId"),
          MemoryLayout.sequenceLayout(8, JAVA_INT).withName("ProtocolChain"),
          JAVA_INT.withName("iVersion"),
          JAVA_INT.withName("iAddressFamily"),
          JAVA_INT.withName("iMaxSockAddr"),
          JAVA_INT.withName("iMinSockAddr"),
          JAVA_INT.withName("iSocketType"),
          JAVA_INT.withName("iProtocol"),
          JAVA_INT.withName("iProtocolMaxOffset"),
          JAVA_INT.withName("iNetworkByteOrder"),
          JAVA_INT.withName("iSecurityScheme"),
          JAVA_INT.withName("dwMessageSize"),
          JAVA_INT.withName("dwProviderReserved"),
          MemoryLayout.sequenceLayout(256, JAVA_CHAR).withName("szProtocol"));

  /** Bytes of the struct. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  private WsaProtocolInfo() {}

  /** Whether the provider's sockets are handles of the system, which completion modes need. */
  public static boolean areSystemHandles(MemorySegment info) {
    return (info.get(JAVA_INT, 0) & WinsockConstant.XP1_IFS_HANDLES) != 0;
  }
}
