package io.janus.completion.iocp;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.Connection;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.contract.Footprint;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.Deadline;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What an echoed message of a connection costs on completion ports, by the engine's own counters. */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IocpCallsTest {
  private static final int PEERS = 16;
  private static final int ROUNDS = 20;
  private static final long ALWAYS_BUSY = TimeUnit.HOURS.toNanos(1);
  private static final long NEVER_BUSY = 0;
  private static final Address LOOPBACK = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);

  /** Receives, sends, and waits that brought something. */
  private record Costs(long receives, long sends, long batches) {
    Costs since(Costs before) {
      return new Costs(receives - before.receives, sends - before.sends,
          batches - before.batches);
    }
  }

  private final Counters counters = new Counters();
  private final List<Long> peers = new ArrayList<>();
  private Footprint before;
  private Sockets farVerbs;
  private BufferPool farPool;
  private Buffer one;
  private EventLoop loop;
  private ConnectionManager manager;
  private int turnsToRest;

  @BeforeEach
  void open() {
    before = Footprint.now();
    farVerbs = Sockets.open(new Counters());
    farPool = new BufferPool(64, BufferPool.bytesOf(64, 16));
    one = Objects.requireNonNull(farPool.acquire());
  }

  @AfterEach
  void everythingHasComeBack() {
    peers.forEach(farVerbs::closeSocket);
    until("all are gone", () -> manager.connections() == 0);
    manager.close();
    one.release();
    farPool.close();
    farVerbs.close();
    assertThat(Footprint.now()).isEqualTo(before);
  }

  @Test
  void busyConnectionCostsTwoCallsAndItsPartOfAWait() throws OsException {
    Costs costs = costsOf(Limits.defaults(), ALWAYS_BUSY, true);
    assertThat(costs.receives).isEqualTo(ROUNDS * PEERS);
    assertThat(costs.sends).isEqualTo(ROUNDS * PEERS);
    assertThat(costs.batches).as("waits that brought something").isLessThan(ROUNDS * PEERS / 2);
  }

  @Test
  void quietConnectionCostsThreeCallsAndItsPartOfAWait() throws OsException {
    Costs costs = costsOf(Limits.defaults(), NEVER_BUSY, true);
    assertThat(costs.receives).as("one without bytes, one that takes them")
        .isEqualTo(2 * ROUNDS * PEERS);
    assertThat(costs.sends).isEqualTo(ROUNDS * PEERS);
    assertThat(costs.batches).as("waits that brought something").isLessThan(ROUNDS * PEERS / 2);
  }

  @Test
  void packetForEverySendCostsNoCallBeyondItsPartOfAWait() throws OsException {
    Costs costs = costsOf(Limits.defaults(), ALWAYS_BUSY, false);
    assertThat(costs.receives + costs.sends).isEqualTo(2 * ROUNDS * PEERS);
  }

  @Test
  void singleDequeueTakesOnePacketACallAndSoAWaitForEachMessage() throws OsException {
    Costs costs = costsOf(Limits.defaults().withBatchEvents(1), ALWAYS_BUSY, true);
    assertThat(costs.receives + costs.sends).isEqualTo(2 * ROUNDS * PEERS);
    assertThat(costs.batches).as("packets, and ends known at once, one for each await")
        .isEqualTo(2 * ROUNDS * PEERS);
  }

  @Test
  void connectionIsGivenABufferWhenItsBytesComeInQuickSuccession() throws OsException {
    start(Limits.defaults(), ALWAYS_BUSY, true);
    connect(1);
    List<Long> receives = new ArrayList<>();
    long last = counters.get(Counter.RECEIVE_CALLS);
    for (int i = 0; i < 4; i++) {
      exchange();
      long now = counters.get(Counter.RECEIVE_CALLS);
      receives.add(now - last);
      last = now;
    }
    assertThat(receives)
        .as("quiet: one takes the bytes, one waits for the next; from the second message on with a buffer")
        .containsExactly(2L, 2L, 1L, 1L);
  }

  private Costs costsOf(Limits limits, long busyNanos, boolean skips) throws OsException {
    start(limits, busyNanos, skips);
    connect(PEERS);
    exchange();
    exchange();
    Costs begin = costs();
    for (int round = 0; round < ROUNDS; round++) {
      exchange();
    }
    return costs().since(begin);
  }

  private Costs costs() {
    return new Costs(counters.get(Counter.RECEIVE_CALLS), counters.get(Counter.SEND_CALLS),
        counters.get(Counter.BATCHES));
  }

  private void start(Limits limits, long busyNanos, boolean skips) throws OsException {
    turnsToRest = limits.batchEvents() == 1 ? 2 * PEERS : 4;
    loop = new EventLoop("calls", limits, Clock.SYSTEM, (sentence, cause) -> {});
    Sockets verbs = Sockets.open(counters);
    BufferPool pool = new BufferPool(limits.bufferBytes(), limits.poolBytes());
    loop.open(made -> {
      manager = new CompletionConnectionManager(made, limits, counters, verbs, pool,
          new ConnectionBudget(PEERS),
          new IocpPort(verbs, pool, limits, counters, skips, busyNanos));
      return manager;
    });
    new Heartbeat().beat();
  }

  private void connect(int count) {
    long listener = farVerbs.open(LOOPBACK);
    assertThat(farVerbs.bind(listener, LOOPBACK)).isZero();
    assertThat(farVerbs.listen(listener, PEERS)).isZero();
    Address at = Objects.requireNonNull(farVerbs.localAddress(listener));
    loop.execute(() -> manager.listen(listener, Connection::send));
    for (int i = 0; i < count; i++) {
      long socket = farVerbs.open(at);
      assertThat(farVerbs.connect(socket, at)).isIn(0, ErrorCode.IN_PROGRESS);
      farVerbs.setOption(socket, SocketOption.NO_DELAY, 1);
      peers.add(socket);
    }
    until("all are connected", () -> manager.connections() == count);
    loop.execute(manager::stopListening);
    loop.turn();
  }

  /** All peers send a byte before the loop takes its next turn, and all have it back at the end. */
  private void exchange() {
    for (long peer : peers) {
      one.clear().putByte((byte) 7);
      Wait.until("it is sent", () -> farVerbs.send(peer, one) == 1);
    }
    for (long peer : peers) {
      one.clear();
      until("the echo has come", () -> farVerbs.receive(peer, one) == 1);
    }
    // The next receive of each is in flight, as between two requests.
    for (int i = 0; i < turnsToRest; i++) {
      loop.turn();
    }
  }

  private void until(String what, java.util.function.BooleanSupplier condition) {
    Wait.until(what, condition, loop::turn);
  }

  /** Bounds the wait of a turn. */
  private final class Heartbeat extends Deadline {
    void beat() {
      loop.timers().schedule(this, loop.now() + TimeUnit.MILLISECONDS.toNanos(1));
    }

    @Override
    protected void expired(long nowNanos) {
      beat();
    }
  }
}
