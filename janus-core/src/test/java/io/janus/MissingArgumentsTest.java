package io.janus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.PortOptions;
import io.janus.completion.SharedPort;
import io.janus.connection.Spread;
import io.janus.emulation.PollingPort;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.loop.Mailbox;
import io.janus.loop.Reporter;
import io.janus.loop.Timers;
import io.janus.loop.Watchdog;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.socket.Address;
import io.janus.socket.AddressBytes;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A missing argument is refused at once by its name, so that whoever forgot it learns where. */
class MissingArgumentsTest {
  private static final Limits LIMITS = Limits.defaults();
  private static final Counters COUNTERS = new Counters();
  private static final PortOptions OPTIONS = PortOptions.defaults();

  @Test
  void addresses() {
    refuses("text", () -> Address.parse(null));
    refuses("address", () -> Address.of((InetSocketAddress) null));
    refuses("bytes", () -> new Address.Ipv4(null, 1));
    refuses("bytes", () -> new Address.Ipv6(null, 1, 0));
    refuses("path", () -> new Address.Unix(null));
    refuses("address", () -> AddressBytes.isLoopback(null));
  }

  @Test
  void verbsOfSockets() {
    refuses("counters", () -> Sockets.open((Counters) null));
    try (Sockets sockets = Sockets.open(COUNTERS)) {
      refuses("like", () -> sockets.open((Address) null));
      refuses("at", () -> sockets.bind(0, null));
      refuses("to", () -> sockets.connect(0, null));
      refuses("into", () -> sockets.receive(0, null));
      refuses("from", () -> sockets.send(0, null));
      refuses("from", () -> sockets.sendAll(0, null, 1));
      refuses("option", () -> sockets.setOption(0, (SocketOption) null, 1));
      refuses("option", () -> sockets.getOption(0, null));
      refuses("from", () -> sockets.setOption(0, 1, 1, null));
    }
  }

  @Test
  void buffersAndTheirPool() {
    refuses("memory", () -> Buffer.over(null));
    try (BufferPool pool = new BufferPool(64, 1 << 12)) {
      Buffer buffer = pool.acquire();
      refuses("source", () -> buffer.copyIn((byte[]) null));
      refuses("source", () -> buffer.copyIn(null, 0, 0));
      refuses("source", () -> buffer.copyIn((ByteBuffer) null));
      refuses("source", () -> buffer.copyIn((Buffer) null));
      refuses("target", () -> buffer.copyOut(null, 0, 0));
      refuses("charset", () -> buffer.copyOut((Charset) null));
      refuses("buffer", () -> pool.standBy(null));
      refuses("buffer", () -> pool.called(null));
      buffer.release();
    }
  }

  @Test
  void pollerAndPorts() throws Exception {
    refuses("counters", () -> Poller.open(1, null));
    try (Sockets sockets = Sockets.open(COUNTERS);
        BufferPool pool = new BufferPool(64, 1 << 12);
        Poller poller = Poller.open(1, COUNTERS)) {
      refuses("trigger", () -> poller.add(0, Interest.READ, null, 1));
      refuses("out", () -> poller.await(null, 0));
      refuses("sockets", () -> CompletionPort.open(null, pool, LIMITS, COUNTERS, OPTIONS));
      refuses("pool", () -> CompletionPort.open(sockets, null, LIMITS, COUNTERS, OPTIONS));
      refuses("limits", () -> CompletionPort.open(sockets, pool, null, COUNTERS, OPTIONS));
      refuses("counters", () -> CompletionPort.open(sockets, pool, LIMITS, null, OPTIONS));
      refuses("options", () -> CompletionPort.open(sockets, pool, LIMITS, COUNTERS, null));
      refuses("name", () -> Engine.openPort(null, sockets, pool, LIMITS, COUNTERS, OPTIONS));
      refuses("pool", () -> Engine.openPort("auto", sockets, null, LIMITS, COUNTERS, OPTIONS));
      refuses("poller", () -> new PollingPort(null, sockets, pool, LIMITS, COUNTERS, true));
      refuses("pool", () -> new PollingPort(poller, sockets, null, LIMITS, COUNTERS, true));
      refuses("limits", () -> SharedPort.open("owner", 1, null, () -> null));
      refuses("foundation", () -> SharedPort.open("owner", 1, LIMITS, null));
    }
  }

  @Test
  void verbsOfEachPortOfThisSystem() throws Exception {
    try (Sockets sockets = Sockets.open(COUNTERS);
        BufferPool pool = new BufferPool(64, BufferPool.bytesOf(64, 4))) {
      Buffer owned = Objects.requireNonNull(pool.acquire()).putInt(1);
      int opened = 0;
      for (Engine engine : Engine.values()) {
        if (engine.isOfThisSystem() && engine.refusal().isEmpty() && engine.hasPorts()) {
          try (CompletionPort port =
              Engine.openPort(engine.id(), sockets, pool, LIMITS, COUNTERS, OPTIONS).port()) {
            verbsOf(port, port.adopt(sockets.open(Address.parse("127.0.0.1:0"))), owned);
          }
          opened++;
        }
      }
      assertThat(opened).isPositive();
      owned.release();
    }
  }

  /** With a handle that is good and with one that is none: what is missing is told first, and nothing is taken. */
  private static void verbsOf(CompletionPort port, long good, Buffer owned) {
    for (long handle : new long[] {good, 0}) {
      refuses("into", () -> port.receive(handle, (Buffer) null, 1));
      refuses("from", () -> port.send(handle, null, 1));
      refuses("from", () -> port.sendAll(handle, null, 1, 1));
      refuses("buffer", () -> port.sendAll(handle, new Buffer[] {owned, null}, 2, 1));
      refuses("value", () -> port.option(handle, 1, 1, null, 1));
      refuses("out", () -> port.await(null, 0));
      refuses("a connect needs the address of its peer", () -> port.connect(handle, null, 1));
    }
    assertThat(port.inFlight()).isZero();
    assertThat(owned.readable()).as("still the caller's").isEqualTo(4);
  }

  @Test
  void loops() {
    refuses("name", () -> new EventLoop(null, LIMITS, Clock.SYSTEM, Reporter.LOGGER));
    refuses("limits", () -> new EventLoop("loop", null, Clock.SYSTEM, Reporter.LOGGER));
    refuses("clock", () -> new EventLoop("loop", LIMITS, null, Reporter.LOGGER));
    refuses("reporter", () -> new EventLoop("loop", LIMITS, Clock.SYSTEM, null));
    EventLoop loop = new EventLoop("loop", LIMITS, Clock.SYSTEM, Reporter.LOGGER);
    refuses("factory", () -> loop.start(null));
    refuses("factory", () -> loop.open(null));
    refuses("unit", () -> loop.join(1, null));
    refuses("reporter", () -> new Watchdog(List.of(loop), 1, null));
    refuses("loops", () -> new Watchdog(null, 1, Reporter.LOGGER));
    refuses("task", () -> new Mailbox(16).offer(null));
    refuses("deadline", () -> new Timers(0).schedule(null, 0));
    refuses("deadline", () -> new Timers(0).cancel(null));
    refuses("managers", () -> new Spread(null));
    refuses("counter", () -> COUNTERS.get(null));
    refuses("other", () -> COUNTERS.addAll(null));
  }

  @Test
  void errorsAndChoices() {
    refuses("attempt", () -> new OsException(null, OsError.of(-1)));
    refuses("error", () -> new OsException("try", null));
    refuses("name", () -> new OsError(1, null, OsError.kindOf(-1), "it failed", "try again"));
    refuses("engine", () -> new Engine.Choice(null, "why"));
  }

  private static void refuses(String name, ThrowingCallable call) {
    assertThatThrownBy(call).as(name).isInstanceOf(NullPointerException.class).hasMessage(name);
  }
}
