package io.janus.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.ffi.bsd.Sockaddr;
import io.janus.limit.Counters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:0", "127.0.0.1:65535", "[0:0:0:0:0:0:0:1]:80",
    "unix:/run/janus.sock", "0.0.0.0:7000"})
  void textOfAnAddressIsReadBackAsTheSame(String text) {
    Address address = Address.parse(text);
    assertThat(address).hasToString(text);
    assertThat(Address.parse(address.toString())).isEqualTo(address).hasSameHashCodeAs(address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7000", "127.0.0.1", ":80", "::1:80", "127.0.0.1:", "127.0.0.1:x",
    "127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1:99999999999", "[::1]", "unix:"})
  void whatIsNoAddressIsRefusedWithTheTextInTheMessage(String text) {
    assertThatThrownBy(() -> Address.parse(text)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"65536", "99999", "99999999999", "4294967296", "00000000000065536"})
  void portAboveTheLastIsSaidToBeOutsideHoweverLong(String port) {
    assertThatThrownBy(() -> Address.parse("127.0.0.1:" + port)).hasMessage(
        "port " + port + " of \"127.0.0.1:" + port + "\" is outside 0 to 65535");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "+5", "8 0", "0x50", "１２"})
  void portOfOtherCharactersThanDigitsIsSaidToBeNoNumber(String port) {
    assertThatThrownBy(() -> Address.parse("127.0.0.1:" + port)).hasMessageStartingWith(
        "port \"" + port + "\" of \"127.0.0.1:" + port + "\" is not a number");
  }

  @Test
  void unknownHostIsToldWithTheRemedy() {
    assertThatThrownBy(() -> Address.parse("no-such-host.invalid:1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be resolved");
  }

  /** A link-local address holds for one link: without it the system could only say that something is invalid. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "names of interfaces are those of Linux")
  void linkLocalAddressHasTheNumberOfItsInterface() throws Exception {
    NetworkInterface link = NetworkInterface.networkInterfaces().findFirst().orElseThrow();
    Address named = Address.parse("[fe80::1%" + link.getName() + "]:7000");
    assertThat(named).isInstanceOfSatisfying(
        Address.Ipv6.class, v6 -> assertThat(v6.scope()).isEqualTo(link.getIndex()));
    assertThat(Address.parse(named.toString())).isEqualTo(named);
  }

  @Test
  void linkLocalAddressWithoutAnInterfaceOfThisMachineIsRefused() {
    assertThatThrownBy(() -> Address.parse("[fe80::1]:7000"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("\"[fe80::1]:7000\"", "names no zone", "[fe80::1%");
    for (String zone : new String[] {"", "no such link", "0", "999999999", "99999999999"}) {
      assertThatThrownBy(() -> Address.parse("[fe80::1%" + zone + "]:7000"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("zone \"" + zone + "\"", "is no interface");
    }
  }

  @Test
  void tooLongPathIsRefusedWithItsLength() {
    assertThat(new Address.Unix("/" + "x".repeat(106)).host()).hasSize(107);
    assertThatThrownBy(() -> new Address.Unix("x".repeat(108)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("108");
    assertThatThrownBy(() -> new Address.Unix("ü".repeat(54))).hasMessageContaining("108");
  }

  @Test
  void bytesAndPortsThatAreNoAddressAreRefusedWithValueAndLimit() {
    for (int length : new int[] {0, 3, 5, 16}) {
      assertThatThrownBy(() -> new Address.Ipv4(new byte[length], 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(length + " bytes")
          .hasMessageEndingWith("exactly 4");
    }
    for (int length : new int[] {0, 4, 15, 17}) {
      assertThatThrownBy(() -> new Address.Ipv6(new byte[length], 1, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(length + " bytes")
          .hasMessageEndingWith("exactly 16");
    }
    for (int port : new int[] {-1, 65_536, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> new Address.Ipv4(new byte[4], port)).hasMessageContaining(
          "port " + port + " is outside 0 to 65535");
      assertThatThrownBy(() -> new Address.Ipv6(new byte[16], port, 0)).hasMessageContaining(
          "port " + port + " is outside 0 to 65535");
      assertThatThrownBy(() -> Address.parse("127.0.0.1:1").withPort(port))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void nobodyCanChangeAnAddressThatHasBeenMade() {
    byte[] four = {127, 0, 0, 1};
    Address.Ipv4 v4 = new Address.Ipv4(four, 1);
    four[0] = 1;
    v4.bytes()[0] = 2;
    assertThat(v4).hasToString("127.0.0.1:1");
    byte[] sixteen = new byte[16];
    Address.Ipv6 v6 = new Address.Ipv6(sixteen, 1, 0);
    sixteen[0] = 1;
    v6.bytes()[0] = 2;
    assertThat(v6).hasToString("[0:0:0:0:0:0:0:0]:1");
  }

  @Test
  void loopbackIsWhatNoNetworkIsOnTheWayTo() {
    for (String text : List.of("127.0.0.1:1", "127.255.0.9:1", "[::1]:1")) {
      assertThat(AddressBytes.isLoopback(Address.parse(text))).as(text).isTrue();
    }
    for (String text : List.of("128.0.0.1:1", "0.0.0.0:1", "[::]:1", "[::2]:1",
        "unix:/127.0.0.1")) {
      assertThat(AddressBytes.isLoopback(Address.parse(text))).as(text).isFalse();
    }
  }

  /** A peer on the same machine chooses the path of its socket, so nothing in it may make the reading of it fail. */
  @Test
  void pathThatIsNoTextOrTooLongIsReadAllTheSame() {
    byte[] noText = new byte[Sockaddr.UNIX_PATH_BYTES + 1];
    Arrays.fill(noText, (byte) 0xe4);
    byte[] cut = new byte[Sockaddr.UNIX_PATH_BYTES + 1];
    Arrays.fill(cut, (byte) 'x');
    cut[Sockaddr.UNIX_PATH_BYTES - 1] = (byte) 0xc3;
    cut[Sockaddr.UNIX_PATH_BYTES] = (byte) 0xbc;
    assertThat(read(noText)).matches("[?]{1,107}");
    assertThat(read(cut)).isEqualTo("x".repeat(106) + "?");
    assertThat(read("/tmp/ü".getBytes(StandardCharsets.UTF_8))).isEqualTo("/tmp/ü");
    assertThat(read(new byte[0])).isEmpty();
  }

  private static String read(byte[] path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment at = arena.allocate(Sockaddr.STORAGE_BYTES, 8);
      at.set(ValueLayout.JAVA_SHORT, 0, (short) Sockaddr.AF_UNIX);
      MemorySegment.copy(path, 0, at, ValueLayout.JAVA_BYTE, 2, path.length);
      return AddressBytes.decode(at, 2 + path.length).host();
    }
  }

  @Test
  void otherPortKeepsTheHost() {
    assertThat(Address.parse("127.0.0.1:1").withPort(2)).isEqualTo(Address.parse("127.0.0.1:2"));
    assertThat(Address.parse("[::1]:1").withPort(2)).isEqualTo(Address.parse("[::1]:2"));
    assertThat(new Address.Unix("/a").withPort(2)).isEqualTo(new Address.Unix("/a"));
  }

  @Test
  void unresolvedAddressIsRefused() {
    assertThatThrownBy(() -> Address.of(InetSocketAddress.createUnresolved("host", 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pathIsWhatTheKernelSaysItIs(@TempDir Path directory) {
    try (Sockets sockets = Sockets.open(new Counters())) {
      Address path = new Address.Unix(directory.resolve("s").toString());
      long probe = sockets.open(path);
      sockets.closeSocket(probe);
      assumeTrue(probe >= 0, "this system has no Unix sockets");
      assertThat(bound(sockets, path)).isEqualTo(path);
    }
  }

  @Test
  void everyFormIsWhatTheKernelSaysItIs() {
    try (Sockets sockets = Sockets.open(new Counters())) {
      assertThat(bound(sockets, Address.parse("127.0.0.1:0")).host()).isEqualTo("127.0.0.1");
      long six = sockets.open(Address.parse("[::1]:0"));
      if (six >= 0 && sockets.bind(six, Address.parse("[::1]:0")) == 0) {
        assertThat(sockets.localAddress(six).host()).isEqualTo("0:0:0:0:0:0:0:1");
      }
      sockets.closeSocket(six);
      assertThat(sockets.localAddress(six)).as("of a closed socket").isNull();
    }
  }

  private static Address bound(Sockets sockets, Address address) {
    long socket = sockets.open(address);
    assertThat(sockets.bind(socket, address)).isZero();
    Address local = sockets.localAddress(socket);
    sockets.closeSocket(socket);
    return local;
  }
}
