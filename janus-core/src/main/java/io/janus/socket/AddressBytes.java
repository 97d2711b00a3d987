package io.janus.socket;

import io.janus.ffi.bsd.Sockaddr;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Addresses as the system writes them in memory; for the verbs and for backends that hand addresses to the kernel themselves. */
public final class AddressBytes {
  private AddressBytes() {}

  /**
   * Writes an address.
   *
   * @param at at least {@link Sockaddr#STORAGE_BYTES}
   * @return its length in bytes
   */
  public static int encode(MemorySegment at, Address address) {
    return switch (address) {
      case Address.Ipv4 v4 -> Sockaddr.setIpv4(at, v4.bytes(), v4.port());
      case Address.Ipv6 v6 -> Sockaddr.setIpv6(at, v6.bytes(), v6.port(), v6.scope());
      case Address.Unix unix -> Sockaddr.setUnix(at, unix.path().getBytes(StandardCharsets.UTF_8));
    };
  }

  /** True for an address of this machine that no network is on the way to. */
  public static boolean isLoopback(Address address) {
    return switch (address) {
      case Address.Ipv4 v4 -> v4.bytes()[0] == 127;
      case Address.Ipv6 v6 -> v6.host().equals("0:0:0:0:0:0:0:1");
      case Address.Unix unix -> false;
    };
  }

  /** Reads an address of a total length that the kernel has written. */
  public static Address decode(MemorySegment at, int length) {
    int family = Sockaddr.family(at);
    if (family == Sockaddr.AF_INET) {
      return new Address.Ipv4(Sockaddr.address(at), Sockaddr.port(at));
    }
    return family == Sockaddr.AF_INET6
        ? new Address.Ipv6(Sockaddr.address(at), Sockaddr.port(at), Sockaddr.scope(at))
        : new Address.Unix(new String(Sockaddr.path(at, length), StandardCharsets.UTF_8));
  }
}
