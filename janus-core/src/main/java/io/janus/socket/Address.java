package io.janus.socket;

import io.janus.ffi.bsd.Sockaddr;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Where a socket listens or connects to, kept as the bytes that the system wants. */
public sealed interface Address {
  /** The highest port. */
  int MOST_PORT = 65_535;

  /** The port, 0 to 65,535; 0 for a path. */
  int port();

  /** The host or path as text, without brackets. */
  String host();

  /** An IPv4 address and port. */
  record Ipv4(byte[] bytes, int port) implements Address {
    /** Checks 4 bytes and the port, and keeps a copy of the bytes. */
    public Ipv4 {
      bytes = checked("IPv4", bytes, 4);
      checkPort(port);
    }

    /** A copy: an address is passed between threads and used as a key, so nobody may change it. */
    @Override
    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public String host() {
      return text(bytes);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ipv4 that && port == that.port && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(bytes) + port;
    }

    @Override
    public String toString() {
      return host() + ":" + port;
    }
  }

  /** An IPv6 address, port and scope (0, or the interface of a link-local address). */
  record Ipv6(byte[] bytes, int port, int scope) implements Address {
    /** Checks 16 bytes and the port, and keeps a copy of the bytes. */
    public Ipv6 {
      bytes = checked("IPv6", bytes, 16);
      checkPort(port);
    }

    /** A copy: an address is passed between threads and used as a key, so nobody may change it. */
    @Override
    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public String host() {
      return text(bytes) + (scope == 0 ? "" : "%" + scope);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ipv6 that
          && port == that.port
          && scope == that.scope
          && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(bytes) + port;
    }

    @Override
    public String toString() {
      return "[" + host() + "]:" + port;
    }
  }

  /** A path of the file system, unix(7). */
  record Unix(String path) implements Address {
    /** Checks the length: at most 107 bytes of UTF-8. */
    public Unix {
      int bytes = Objects.requireNonNull(path, "path").getBytes(StandardCharsets.UTF_8).length;
      if (bytes > Sockaddr.UNIX_PATH_BYTES) {
        throw new IllegalArgumentException(
            "path of " + bytes + " bytes is above the limit of " + Sockaddr.UNIX_PATH_BYTES
                + "; use a shorter path");
      }
    }

    @Override
    public int port() {
      return 0;
    }

    @Override
    public String host() {
      return path;
    }

    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /**
   * Reads {@code HOST:PORT}, {@code [IPV6]:PORT} or {@code unix:PATH}. A link-local IPv6 address holds for one link alone, so it has
   * a zone, the name or the number of an interface of this machine: {@code [fe80::1%eth0]:PORT}. Names are looked up, which can wait for a name server:
   * do not call this on a loop's thread with a name.
   *
   * @throws IllegalArgumentException with one sentence if the text is no address, the name or zone is unknown, or a link-local address
   *     has no zone
   */
  static Address parse(String text) {
    if (Objects.requireNonNull(text, "text").equals("unix:")) {
      throw new IllegalArgumentException(
          "\"unix:\" names no path; write unix:PATH, of at most " + Sockaddr.UNIX_PATH_BYTES
              + " bytes");
    }
    if (text.startsWith("unix:")) {
      return new Unix(text.substring("unix:".length()));
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (colon < 0 || host.isEmpty() || (!bracketed && host.indexOf(':') >= 0)) {
      throw new IllegalArgumentException(
          "\"" + text
              + "\" is not an address; write HOST:PORT, [IPV6]:PORT or unix:PATH, for example 127.0.0.1:7000");
    }
    int port = parsePort(text, text.substring(colon + 1));
    String name = bracketed ? host.substring(1, host.length() - 1) : host;
    try {
      InetAddress inet = InetAddress.getByName(bracketed ? withZoneNumber(text, name) : name);
      if (inet instanceof Inet6Address v6 && v6.isLinkLocalAddress() && v6.getScopeId() == 0) {
        throw new IllegalArgumentException(
            "\"" + text + "\" is link-local and names no zone; add an interface of this machine as"
                + " in [fe80::1%eth0]:7000, or use another address");
      }
      return of(new InetSocketAddress(inet, port));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "host \"" + name + "\" of \"" + text
              + "\" cannot be resolved; check the name, or write its address",
          e);
    }
  }

  /**
   * The same address in this form.
   *
   * @throws IllegalArgumentException if it is unresolved
   */
  static Address of(InetSocketAddress address) {
    InetAddress inet = Objects.requireNonNull(address, "address").getAddress();
    if (inet == null) {
      throw new IllegalArgumentException(address + " is not resolved; look the name up first");
    }
    return inet instanceof Inet6Address v6
        ? new Ipv6(v6.getAddress(), address.getPort(), v6.getScopeId())
        : new Ipv4(inet.getAddress(), address.getPort());
  }

  /** The same host with another port; a path stays as it is. */
  default Address withPort(int port) {
    return switch (this) {
      case Ipv4 v4 -> new Ipv4(v4.bytes(), port);
      case Ipv6 v6 -> new Ipv6(v6.bytes(), port, v6.scope());
      case Unix unix -> unix;
    };
  }

  private static byte[] checked(String family, byte[] bytes, int length) {
    if (Objects.requireNonNull(bytes, "bytes").length != length) {
      throw new IllegalArgumentException(
          "an " + family + " address of " + bytes.length + " bytes is no address; it has exactly "
              + length);
    }
    return bytes.clone();
  }

  private static void checkPort(int port) {
    if (port < 0 || port > MOST_PORT) {
      throw new IllegalArgumentException("port " + port + " is outside 0 to 65535");
    }
  }

  /** The same literal with the number of its interface: a name is looked up here, since Java knows only names with such an address. */
  private static String withZoneNumber(String text, String literal) {
    int percent = literal.indexOf('%');
    if (percent < 0) {
      return literal;
    }
    String zone = literal.substring(percent + 1);
    NetworkInterface link = null;
    try {
      link =
          zone.matches("[0-9]{1,9}")
              ? NetworkInterface.getByIndex(Integer.parseInt(zone))
              : NetworkInterface.getByName(zone);
    } catch (SocketException e) {
      // As if there were none: without it the address cannot be used.
    }
    if (link == null) {
      throw new IllegalArgumentException(
          "zone \"" + zone + "\" of \"" + text
              + "\" is no interface of this machine; name one, as in [fe80::1%eth0]:7000");
    }
    return literal.substring(0, percent + 1) + link.getIndex();
  }

  /** Digits alone: a sign, or the digits of another script, are no port. However many there are, they are a number. */
  private static int parsePort(String text, String digits) {
    boolean number = !digits.isEmpty();
    int port = 0;
    for (int i = 0; i < digits.length(); i++) {
      char digit = digits.charAt(i);
      number &= digit >= '0' && digit <= '9';
      port = Math.min(MOST_PORT + 1, 10 * port + digit - '0');
    }
    if (!number) {
      throw new IllegalArgumentException(
          "port \"" + digits + "\" of \"" + text
              + "\" is not a number; it must be from 0 to 65535");
    }
    if (port > MOST_PORT) {
      throw new IllegalArgumentException(
          "port " + digits + " of \"" + text + "\" is outside 0 to 65535");
    }
    return port;
  }

  private static String text(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(bytes.length + " bytes are no IP address", e);
    }
  }
}
