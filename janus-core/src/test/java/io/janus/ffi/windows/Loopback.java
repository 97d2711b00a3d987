package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.call.Errno;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What the tests of the bindings have in common: sockets on the loopback, a port, and memory for operations. */
final class Loopback implements AutoCloseable {
  static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  static final int WAIT_MILLIS = 20_000;

  final Arena arena = Arena.ofConfined();
  final Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
  final Sockets sockets = Sockets.open(new Counters());
  final MemorySegment entries = arena.allocate(OverlappedEntry.LAYOUT, 16);
  final MemorySegment count = arena.allocate(JAVA_INT);
  final long port = succeeded(
      Ioapiset.createIoCompletionPort(errno, Ioapiset.NO_FILE, 0, 0, 1));
  private final List<Long> opened = new ArrayList<>();

  long near;
  long far;

  /** Two connected sockets. */
  Loopback connect() {
    long listener = listen();
    Address at = Objects.requireNonNull(sockets.localAddress(listener));
    near = open();
    assertThat(sockets.connect(near, at)).isIn(0, ErrorCode.IN_PROGRESS);
    Wait.until("the connection is accepted", () -> (far = sockets.accept(listener)) >= 0);
    opened.add(far);
    return this;
  }

  long listen() {
    long listener = open();
    assertThat(sockets.bind(listener, ANY)).isZero();
    assertThat(sockets.listen(listener, 16)).isZero();
    return listener;
  }

  long open() {
    long socket = succeeded(sockets.open(ANY));
    opened.add(socket);
    return socket;
  }

  void closeSocket(long socket) {
    opened.remove(socket);
    assertThat(sockets.closeSocket(socket)).isZero();
  }

  void associate(long handle, long key) {
    assertThat(Ioapiset.createIoCompletionPort(errno, handle, port, key, 0)).isEqualTo(port);
  }

  /** Takes exactly one packet, into element 0. */
  void dequeue() {
    assertThat(Ioapiset.getQueuedCompletionStatusEx(errno, port, entries, 1, count, WAIT_MILLIS))
        .isOne();
  }

  /** True if the port is empty. */
  boolean isIdle() {
    return Ioapiset.getQueuedCompletionStatusEx(errno, port, entries, 1, count,
        0) == -WinError.WAIT_TIMEOUT;
  }

  static long succeeded(long result) {
    assertThat(result < 0 ? OsError.of(result).toString() : "").isEmpty();
    return result;
  }

  @Override
  public void close() {
    opened.forEach(sockets::closeSocket);
    Handleapi.closeHandle(errno, port);
    sockets.close();
    arena.close();
  }
}
