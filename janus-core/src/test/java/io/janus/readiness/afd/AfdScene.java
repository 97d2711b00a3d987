package io.janus.readiness.afd;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.readiness.Ready;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A poller on real sockets, with what the tests of the backend have in common. */
final class AfdScene implements AutoCloseable {
  static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  static final long SHORT = TimeUnit.MILLISECONDS.toNanos(5);

  final Counters counters = new Counters();
  final Ready ready = new Ready(64);
  final Sockets sockets = Sockets.open(new Counters());
  final AfdPoller poller;
  private final BufferPool pool = new BufferPool(4096, 1 << 16);
  private final List<Long> opened = new ArrayList<>();

  AfdScene() throws OsException {
    poller = AfdPoller.open(64, counters);
  }

  /** Two connected sockets: near, far. */
  long[] pair() {
    long listener = listen();
    long near = sockets.open(ANY);
    assertThat(sockets.connect(near, Objects.requireNonNull(sockets.localAddress(listener))))
        .isIn(0, ErrorCode.IN_PROGRESS);
    long far = accept(listener);
    opened.add(near);
    close(listener);
    return new long[] {near, far};
  }

  long listen() {
    long listener = sockets.open(ANY);
    opened.add(listener);
    assertThat(sockets.bind(listener, ANY)).isZero();
    assertThat(sockets.listen(listener, 16)).isZero();
    return listener;
  }

  long accept(long listener) {
    long[] socket = {-1};
    Wait.until("the connection is accepted", () -> (socket[0] = sockets.accept(listener)) >= 0);
    opened.add(socket[0]);
    return socket[0];
  }

  void close(long socket) {
    opened.remove(socket);
    assertThat(sockets.closeSocket(socket)).isZero();
  }

  void send(long socket) {
    Buffer buffer = Objects.requireNonNull(pool.acquire()).copyIn(new byte[] {1});
    Wait.until("a byte is sent", () -> sockets.send(socket, buffer) == 1);
    buffer.release();
  }

  void receive(long socket) {
    Buffer buffer = Objects.requireNonNull(pool.acquire());
    Wait.until("a byte has come", () -> sockets.receive(socket, buffer) > 0);
    buffer.release();
  }

  /** Waits for one event, and returns its bits. */
  int awaitEvent(long token) {
    Wait.until("an event comes", () -> poller.await(ready, SECOND) == 1, () -> {});
    assertThat(ready.token(0)).isEqualTo(token);
    return ready.bits(0);
  }

  void staysQuiet() {
    for (int i = 0; i < 5; i++) {
      assertThat(poller.await(ready, SHORT)).as("events while nothing happens").isZero();
    }
  }

  @Override
  public void close() {
    poller.close();
    opened.forEach(sockets::closeSocket);
    sockets.close();
    pool.close();
  }
}
