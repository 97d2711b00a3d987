package io.janus.socket;

import io.janus.ffi.bsd.Sockaddr;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

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
    Objects.requireNonNull(at, "at");
    return switch (Objects.requireNonNull(address, "address")) {
      case Address.Ipv4 v4 -> Sockaddr.setIpv4(at, v4.bytes(), v4.port());
      case Address.Ipv6 v6 -> Sockaddr.setIpv6(at, v6.bytes(), v6.port(), v6.scope());
      case Address.Unix unix -> Sockaddr.setUnix(at, unix.path().getBytes(StandardCharsets.UTF_8));
    };
  }

  /** True for an address of this machine that no network is on the way to. */
  public static boolean isLoopback(Address address) {
    return switch (Objects.requireNonNull(address, "address")) {
      case Address.Ipv4 v4 -> v4.bytes()[0] == 127;
      case Address.Ipv6 v6 -> v6.host().equals("0:0:0:0:0:0:0:1");
      case Address.Unix unix -> false;
    };
  }

  /**
   * Reads an address of a total length that the kernel has written. It never throws: a path may be a peer's own choice, so what is no
   * text in it, or too long, shows as question marks, or is cut.
   */
  public static Address decode(MemorySegment at, int length) {
    int family = Sockaddr.family(Objects.requireNonNull(at, "at"));
    if (family == Sockaddr.AF_INET) {
      return new Address.Ipv4(Sockaddr.address(at), Sockaddr.port(at));
    }
    return family == Sockaddr.AF_INET6
        ? new Address.Ipv6(Sockaddr.address(at), Sockaddr.port(at), Sockaddr.scope(at))
        : new Address.Unix(text(Sockaddr.path(at, length)));
  }

  /** No longer in UTF-8 than the bytes are, which the usual sign for what is no text would be. */
  private static String text(byte[] path) {
    ByteBuffer bytes =
        ByteBuffer.wrap(path, 0, Math.min(path.length, Sockaddr.UNIX_PATH_BYTES));
    try {
      return StandardCharsets.UTF_8.newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .replaceWith("?")
          .decode(bytes)
          .toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("a decoder that replaces what it cannot read has refused", e);
    }
  }
}
