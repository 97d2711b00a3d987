package io.janus.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What every verb does on this system's loopback; the same on every system. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SocketsTest {
  static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  private static final Address ANY6 = Address.parse("[::1]:0");

  private final Counters counters = new Counters();
  private final Sockets sockets = Sockets.open(counters);
  private final BufferPool pool = new BufferPool(1 << 16, BufferPool.bytesOf(1 << 16, 16));
  private final Deque<Long> opened = new ArrayDeque<>();

  private long listener;
  private long near;
  private long far;

  @AfterEach
  void closeAll() {
    opened.forEach(sockets::closeSocket);
    sockets.close();
    pool.close();
  }

  @Test
  void bytesGoBothWaysAndCallsAreCounted() {
    connect(ANY);
    send(near, "to the far side");
    assertThat(receive(far, 15)).isEqualTo("to the far side");
    send(far, "and back");
    assertThat(receive(near, 8)).isEqualTo("and back");
    assertThat(counters.get(Counter.SEND_CALLS)).isEqualTo(2);
    assertThat(counters.get(Counter.RECEIVE_CALLS)).isGreaterThanOrEqualTo(2);
    assertThat(counters.get(Counter.ACCEPT_CALLS)).isPositive();
  }

  @Test
  void nothingToDoIsWouldBlockAndNoWait() {
    connect(ANY);
    Buffer buffer = Objects.requireNonNull(pool.acquire());
    assertThat(sockets.receive(near, buffer)).isEqualTo(ErrorCode.WOULD_BLOCK);
    assertThat(sockets.receive(far, buffer)).as("of the accepted side")
        .isEqualTo(ErrorCode.WOULD_BLOCK);
    assertThat(sockets.accept(listener)).isEqualTo(ErrorCode.WOULD_BLOCK);
    assertThat(counters.get(Counter.WOULD_BLOCKS)).isEqualTo(2);
    Wait.until("the kernel takes no more",
        () -> sockets.send(near, filled(buffer)) == ErrorCode.WOULD_BLOCK);
    buffer.release();
  }

  @Test
  void acknowledgedBytesAreToldWhereTheSystemKnowsThem() {
    connect(ANY);
    long before = sockets.acknowledgedBytes(near);
    send(near, "seen by the far side");
    assertThat(receive(far, 20)).isEqualTo("seen by the far side");
    if (!SystemName.LINUX) {
      assertThat(before).isNegative();
      return;
    }
    assertThat(before).isNotNegative();
    Wait.until("all of them are acknowledged",
        () -> sockets.acknowledgedBytes(near) == before + 20);
    long unix = sockets.open(new Address.Unix("/never/bound"));
    opened.add(unix);
    assertThat(sockets.acknowledgedBytes(unix)).as("of a socket without TCP").isNegative();
  }

  @Test
  void severalBuffersGoOutAsOneInOrder() {
    connect(ANY);
    Buffer[] parts = new Buffer[Sockets.MAX_GATHER];
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < parts.length; i++) {
      String text = "part " + i + (i == 3 ? "" : ", ");
      expected.append(text);
      parts[i] = Objects.requireNonNull(pool.acquire()).copyIn(Bytes.of(text));
    }
    assertThat(sockets.sendAll(near, parts, parts.length)).isEqualTo(expected.length());
    assertThat(counters.get(Counter.SEND_CALLS)).isOne();
    for (Buffer part : parts) {
      assertThat(part.readable()).isZero();
      part.release();
    }
    assertThat(receive(far, expected.length())).isEqualTo(expected.toString());
  }

  @Test
  void halfCloseSaysEndToThePeerAndReceivesOn() {
    connect(ANY);
    send(near, "last words");
    assertThat(sockets.shutdownOutput(near)).isZero();
    assertThat(receive(far, 10)).isEqualTo("last words");
    assertThat(end(far)).isZero();
    send(far, "an answer");
    assertThat(receive(near, 9)).isEqualTo("an answer");
    assertThat(OsError.kindOf(sendOnce(near))).isEqualTo(ErrorKind.BROKEN_PIPE);
  }

  @Test
  void resetOnCloseReachesThePeerAsAReset() {
    connect(ANY);
    assertThat(sockets.setOption(far, SocketOption.RESET_ON_CLOSE, 1)).isZero();
    sockets.closeSocket(far);
    opened.remove(far);
    assertThat(end(near)).isEqualTo(ErrorCode.CONNECTION_RESET);
  }

  @Test
  void closeWithoutMoreSaysEndToThePeer() {
    connect(ANY);
    sockets.closeSocket(far);
    opened.remove(far);
    assertThat(end(near)).isZero();
  }

  @Test
  void connectToNobodyIsRefused() {
    long nobody = open(ANY);
    assertThat(sockets.bind(nobody, ANY)).isZero();
    Address at = Objects.requireNonNull(sockets.localAddress(nobody));
    sockets.closeSocket(nobody);
    opened.remove(nobody);
    long socket = open(ANY);
    int result = sockets.connect(socket, at);
    if (result == ErrorCode.IN_PROGRESS) {
      int[] ended = new int[1];
      Wait.until("the connect has failed", () -> (ended[0] = sockets.connectResult(socket)) != 0);
      result = ended[0];
    }
    assertThat(OsError.kindOf(result)).isEqualTo(ErrorKind.CONNECTION_REFUSED);
    assertThat(sockets.peerAddress(socket)).isNull();
  }

  @Test
  void addressesOfBothSidesAreEachOthers() {
    connect(ANY);
    assertThat(sockets.peerAddress(near)).isEqualTo(sockets.localAddress(listener));
    assertThat(sockets.peerAddress(far)).isEqualTo(sockets.localAddress(near));
    assertThat(sockets.localAddress(far)).isEqualTo(sockets.localAddress(listener));
    assertThat(sockets.connectResult(near)).isZero();
  }

  @Test
  void sixthVersionWorksAndTakesTheFourthAsWell() {
    long probe = sockets.open(ANY6);
    boolean possible = probe >= 0 && sockets.bind(probe, ANY6) == 0;
    sockets.closeSocket(probe);
    assumeTrue(possible, "there is no IPv6 on this machine");
    connect(ANY6);
    send(near, "six");
    assertThat(receive(far, 3)).isEqualTo("six");
    assertThat(Objects.requireNonNull(sockets.peerAddress(near)).host())
        .isEqualTo("0:0:0:0:0:0:0:1");

    long both = open(ANY6);
    assertThat(sockets.bind(both, Address.parse("[::]:0"))).isZero();
    assertThat(sockets.listen(both, 8)).isZero();
    int port = Objects.requireNonNull(sockets.localAddress(both)).port();
    long four = open(ANY);
    sockets.connect(four, ANY.withPort(port));
    long accepted = accept(both);
    send(four, "four");
    assertThat(receive(accepted, 4)).isEqualTo("four");
  }

  @Test
  void optionsAreReadBackAsTheyWereSet() {
    connect(ANY);
    for (SocketOption option : new SocketOption[] {SocketOption.NO_DELAY,
      SocketOption.KEEP_ALIVE}) {
      for (int value : new int[] {1, 0, 1}) {
        assertThat(sockets.setOption(far, option, value)).as("set %s", option).isZero();
        int read = sockets.getOption(far, option);
        assertThat(read == 0 ? 0 : 1).as("read %s", option).isEqualTo(value);
      }
    }
    for (SocketOption option : new SocketOption[] {SocketOption.SEND_BUFFER_BYTES,
      SocketOption.RECEIVE_BUFFER_BYTES}) {
      assertThat(sockets.setOption(near, option, 32_768)).isZero();
      assertThat(sockets.getOption(near, option)).isGreaterThanOrEqualTo(32_768);
    }
  }

  @Test
  void timeThatBytesMayStayUnacknowledgedIsSetOrRefusedInClearWords() {
    connect(ANY);
    assertThat(OsError.kindOf(sockets.setOption(near, SocketOption.USER_TIMEOUT_MILLIS, -1)))
        .isEqualTo(ErrorKind.INVALID_ARGUMENT);
    int result = sockets.setOption(near, SocketOption.USER_TIMEOUT_MILLIS, 4_500);
    if (result < 0) {
      assertThat(OsError.kindOf(result)).isEqualTo(ErrorKind.NOT_SUPPORTED);
    } else {
      // Whole seconds on Windows.
      assertThat(sockets.getOption(near, SocketOption.USER_TIMEOUT_MILLIS)).isIn(4_500, 5_000);
    }
  }

  @Test
  void addressInUseIsToldAsSuch() {
    connect(ANY);
    Address taken = Objects.requireNonNull(sockets.localAddress(listener));
    long second = open(ANY);
    int result = sockets.bind(second, taken);
    // Windows has a second number for a port that somebody has for himself.
    assertThat(OsError.kindOf(result)).isIn(ErrorKind.ADDRESS_IN_USE, ErrorKind.PERMISSION_DENIED);
  }

  @Test
  void addressOfAnotherMachineCannotBeBound() {
    long socket = open(ANY);
    assertThat(OsError.kindOf(sockets.bind(socket, Address.parse("192.0.2.1:0"))))
        .isEqualTo(ErrorKind.ADDRESS_NOT_AVAILABLE);
  }

  @Test
  void manyConnectionsWaitInTheBacklog() {
    listener = listen(ANY);
    Address at = Objects.requireNonNull(sockets.localAddress(listener));
    for (int i = 0; i < 300; i++) {
      assertThat(sockets.connect(open(ANY), at)).isIn(0, ErrorCode.IN_PROGRESS);
    }
    for (int i = 0; i < 300; i++) {
      assertThat(accept(listener)).isNotNegative();
    }
  }

  @Test
  void closedSocketIsABadHandleForEveryVerb() {
    long socket = sockets.open(ANY);
    assertThat(sockets.closeSocket(socket)).isZero();
    Buffer buffer = Objects.requireNonNull(pool.acquire()).copyIn(new byte[1]);
    List<Integer> results = List.of(sockets.bind(socket, ANY), sockets.listen(socket, 1),
        (int) sockets.accept(socket), sockets.connect(socket, ANY),
        sockets.receive(socket, buffer), sockets.send(socket, buffer),
        sockets.connectResult(socket), sockets.shutdownOutput(socket),
        sockets.setOption(socket, SocketOption.NO_DELAY, 1), sockets.closeSocket(socket));
    assertThat(results).allSatisfy(
        result -> assertThat(OsError.kindOf(result)).isEqualTo(ErrorKind.BAD_HANDLE));
    assertThat(sockets.localAddress(socket)).isNull();
    buffer.release();
  }

  @Test
  void optionsByNumberReachTheSystem() {
    connect(ANY);
    Buffer value = Objects.requireNonNull(pool.acquire());
    // An int whose bytes the machine's order decides.
    value.copyIn(new byte[] {1, 0, 0, 0});
    assertThat(sockets.setOption(near, 0x7fff, 9_999, value)).isNegative();
    value.release();
  }

  @Test
  void optionShorterThanItsValueIsTheCallersAffair() {
    connect(ANY);
    Buffer value = Objects.requireNonNull(pool.acquire()).copyIn(new byte[1]);
    boolean windows = SystemName.WINDOWS;
    int result = sockets.setOption(near, windows ? 0xffff : 1, windows ? 0x1002 : 8, value);
    assertThat(OsError.of(result).toString()).doesNotContain("defect");
    value.release();
  }

  @Test
  void pathSocketsWorkWhereTheSystemHasThem(@TempDir Path directory) throws IOException {
    Address path = new Address.Unix(directory.resolve("s").toString());
    long probe = sockets.open(path);
    if (probe < 0) {
      assertThat(OsError.kindOf((int) probe)).isEqualTo(ErrorKind.NOT_SUPPORTED);
      assumeTrue(false, "no Unix sockets here: " + OsError.of(probe));
    }
    sockets.closeSocket(probe);
    connect(path);
    send(near, "by path");
    assertThat(receive(far, 7)).isEqualTo("by path");
    assertThat(sockets.peerAddress(near)).isEqualTo(path);
    Files.delete(directory.resolve("s"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void connectToAPathWithAFullBacklogIsToldAsThat(@TempDir Path directory) {
    Address path = new Address.Unix(directory.resolve("full").toString());
    long full = open(path);
    assertThat(sockets.bind(full, path)).isZero();
    assertThat(sockets.listen(full, 1)).isZero();
    int result = 0;
    for (int i = 0; i < 8 && result == 0; i++) {
      result = sockets.connect(open(path), path);
    }
    assertThat(result).isEqualTo(ErrorCode.BACKLOG_FULL);
    assertThat(OsError.of(result)).hasToString(
        "the backlog of the path's listener is full (BACKLOG_FULL); connect again later; the listener must accept faster or have a"
            + " larger backlog");
  }

  private void connect(Address any) {
    listener = listen(any);
    Address at = Objects.requireNonNull(sockets.localAddress(listener));
    near = open(any);
    assertThat(sockets.connect(near, at)).isIn(0, ErrorCode.IN_PROGRESS);
    far = accept(listener);
  }

  private long listen(Address any) {
    long socket = open(any);
    assertThat(sockets.bind(socket, any)).isZero();
    assertThat(sockets.listen(socket, 512)).isZero();
    return socket;
  }

  private long open(Address like) {
    long socket = succeeded(sockets.open(like));
    opened.push(socket);
    return socket;
  }

  private long accept(long from) {
    long[] socket = new long[1];
    Wait.until("a connection is accepted",
        () -> (socket[0] = sockets.accept(from)) != ErrorCode.WOULD_BLOCK);
    opened.push(succeeded(socket[0]));
    return socket[0];
  }

  private void send(long socket, String text) {
    Buffer buffer = Objects.requireNonNull(pool.acquire()).copyIn(Bytes.of(text));
    assertThat(sockets.send(socket, buffer)).isEqualTo(text.length());
    buffer.release();
  }

  private int sendOnce(long socket) {
    Buffer buffer = Objects.requireNonNull(pool.acquire()).copyIn(new byte[1]);
    int result = sockets.send(socket, buffer);
    buffer.release();
    return result;
  }

  private String receive(long socket, int bytes) {
    Bytes sink = new Bytes();
    Wait.until(bytes + " bytes have come", () -> receiveOnce(socket, sink) >= 0
        && sink.size() >= bytes);
    return sink.toString();
  }

  private int end(long socket) {
    int[] last = new int[1];
    Wait.until("the end has come",
        () -> (last[0] = receiveOnce(socket, new Bytes())) <= 0
            && last[0] != ErrorCode.WOULD_BLOCK);
    return last[0];
  }

  private int receiveOnce(long socket, Bytes sink) {
    Buffer buffer = Objects.requireNonNull(pool.acquire());
    int result = sockets.receive(socket, buffer);
    if (result > 0) {
      sink.append(buffer.copyOut());
    }
    buffer.release();
    return result;
  }

  private static Buffer filled(Buffer buffer) {
    return buffer.clear().copyIn(new byte[buffer.capacity()]);
  }

  private static long succeeded(long result) {
    assertThat(result < 0 ? OsError.of(result).toString() : "").isEmpty();
    return result;
  }
}
