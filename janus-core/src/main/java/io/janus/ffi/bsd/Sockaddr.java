package io.janus.ffi.bsd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.janus.ffi.call.SystemName;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * struct sockaddr and its three forms, the same bytes on Linux and on Windows save the number of IPv6. The family is in the
 * machine's order, ports and IPv4 addresses are big-endian.
 *
 * <pre>
 *   sockaddr_in   0 family  2 port  4 addr  8 (zero)              16 bytes
 *   sockaddr_in6  0 family  2 port  4 flowinfo  8 addr  24 scope  28 bytes
 *   sockaddr_un   0 family  2 path                               110 bytes
 * </pre>
 */
public final class Sockaddr {
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;

  /** The number of IPv6 on Linux. */
  public static final int AF_INET6_LINUX = 10;

  /** The number of IPv6 on Windows. */
  public static final int AF_INET6_WINDOWS = 23;

  /** The number of IPv6 on this system. */
  public static final int AF_INET6 = SystemName.WINDOWS ? AF_INET6_WINDOWS : AF_INET6_LINUX;

  /** Room for any address. */
  public static final int STORAGE_BYTES = 128;

  /** sockaddr_in with C's field names. */
  public static final StructLayout IN =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("sin_family"),
          JAVA_SHORT.withName("sin_port"),
          JAVA_INT.withName("sin_addr"),
          MemoryLayout.sequenceLayout(8, JAVA_BYTE).withName("sin_zero"));

  /** sockaddr_in6 with C's field names. */
  public static final StructLayout IN6 =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("sin6_family"),
          JAVA_SHORT.withName("sin6_port"),
          JAVA_INT.withName("sin6_flowinfo"),
          MemoryLayout.sequenceLayout(16, JAVA_BYTE).withName("sin6_addr"),
          JAVA_INT.withName("sin6_scope_id"));

  /** Longest path of a Unix-domain address, without the closing NUL. */
  public static final int UNIX_PATH_BYTES = 107;

  private static final ValueLayout.OfShort BIG_ENDIAN_SHORT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Sockaddr() {}

  /** Writes a sockaddr_in and returns its length in bytes. */
  public static int setIpv4(MemorySegment at, byte[] address, int port) {
    at.asSlice(0, IN.byteSize()).fill((byte) 0);
    at.set(JAVA_SHORT, 0, (short) AF_INET);
    at.set(BIG_ENDIAN_SHORT, 2, (short) port);
    MemorySegment.copy(address, 0, at, JAVA_BYTE, 4, 4);
    return (int) IN.byteSize();
  }

  /** Writes an address of no family, which connect(2) takes as the wish to disconnect, and returns its length. */
  public static int setNone(MemorySegment at) {
    at.asSlice(0, IN.byteSize()).fill((byte) 0);
    return (int) IN.byteSize();
  }

  /** Writes a sockaddr_in6 and returns its length in bytes. */
  public static int setIpv6(MemorySegment at, byte[] address, int port, int scope) {
    at.asSlice(0, IN6.byteSize()).fill((byte) 0);
    at.set(JAVA_SHORT, 0, (short) AF_INET6);
    at.set(BIG_ENDIAN_SHORT, 2, (short) port);
    MemorySegment.copy(address, 0, at, JAVA_BYTE, 8, 16);
    at.set(JAVA_INT, 24, scope);
    return (int) IN6.byteSize();
  }

  /** Writes a sockaddr_un and returns its length in bytes, closing NUL included. */
  public static int setUnix(MemorySegment at, byte[] path) {
    at.set(JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(path, 0, at, JAVA_BYTE, 2, path.length);
    at.set(JAVA_BYTE, 2 + path.length, (byte) 0);
    return 2 + path.length + 1;
  }

  /** The family of a filled address. */
  public static int family(MemorySegment at) {
    return at.get(JAVA_SHORT_UNALIGNED, 0);
  }

  /** The port of an IPv4 or IPv6 address, 0 to 65,535. */
  public static int port(MemorySegment at) {
    return at.get(BIG_ENDIAN_SHORT, 2) & 0xffff;
  }

  /** The 4 or 16 bytes of an IPv4 or IPv6 address. */
  public static byte[] address(MemorySegment at) {
    boolean v4 = family(at) == AF_INET;
    return at.asSlice(v4 ? 4 : 8, v4 ? 4 : 16).toArray(JAVA_BYTE);
  }

  /** The scope (interface index) of an IPv6 address. */
  public static int scope(MemorySegment at) {
    return at.get(JAVA_INT_UNALIGNED, 24);
  }

  /** The path of a Unix-domain address of the given total length; empty where the socket has none. */
  public static byte[] path(MemorySegment at, int length) {
    int bytes = Math.max(0, length - 2);
    while (bytes > 0 && at.get(JAVA_BYTE, 1 + bytes) == 0) {
      bytes--;
    }
    return at.asSlice(2, bytes).toArray(JAVA_BYTE);
  }
}
