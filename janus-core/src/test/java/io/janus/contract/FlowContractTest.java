package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a connection promises about pauses and bounds: a slow reader costs its own bound and its own producer only. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class FlowContractTest extends ManagerTest {

  @Test
  void pausedConnectionGetsNothingUntilItIsResumedAndThenAllInOrder() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.send("while paused ");
    rig.forAWhile();
    assertThat(server.data.get()).isZero();
    peer.send("and more");
    rig.run(server.first()::resumeReading);
    rig.until("all has come", () -> server.received.toString().equals("while paused and more"));
  }

  @Test
  void bytesThatComeLateAfterAPauseAreToldFirstAtResume() throws OsException {
    Rig rig = rig(LIMITS.withBufferBytes(64).withReadsPerTurn(1));
    Scripted server = scripted();
    AtomicBoolean pauseOnce = new AtomicBoolean(true);
    server.onData = (connection, buffer) -> {
      server.received.append(buffer.copyOut());
      if (pauseOnce.getAndSet(false)) {
        connection.execute(connection::pauseReading);
      }
    };
    byte[] all = Bytes.pattern(64 * 40, 5);
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    assertThat(peer.send(all, 0)).isEqualTo(all.length);
    rig.until("it was paused", () -> !pauseOnce.get());
    rig.forAWhile();
    int before = server.data.get();
    rig.forAWhile();
    assertThat(server.data.get()).as("calls during the pause").isEqualTo(before);
    rig.run(server.first()::resumeReading);
    rig.until("all has come", () -> server.received.size() == all.length);
    assertThat(server.received.toArray()).isEqualTo(all);
  }

  @Test
  void pauseAndResumeInTurnLoseNothingAndKeepTheOrder() throws OsException {
    Rig rig = rig(LIMITS.withBufferBytes(256));
    Scripted server = scripted();
    server.onData = (connection, buffer) -> {
      server.received.append(buffer.copyOut());
      connection.pauseReading();
      connection.execute(connection::resumeReading);
    };
    byte[] all = Bytes.pattern(100_000, 6);
    Peer peer = peer(rig.listen(server));
    int[] sent = new int[1];
    rig.until("all has come", () -> {
      sent[0] += sent[0] < all.length ? peer.send(all, sent[0]) : 0;
      return server.received.size() == all.length;
    });
    assertThat(server.received.toArray()).isEqualTo(all);
  }

  @Test
  void handlerThatPausesGetsNoFurtherCallForBytesAlreadyThere() throws OsException {
    Rig rig = rig(LIMITS.withBufferBytes(64));
    Scripted server = scripted();
    server.onData = (connection, buffer) -> connection.pauseReading();
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.send(new byte[640], 0);
    rig.until("the first bytes came", () -> server.data.get() > 0);
    rig.forAWhile();
    assertThat(server.data.get()).isEqualTo(1);
  }

  @Test
  void bytesThatHaveComeAreToldAtResumeAlthoughThePoolIsEmpty() throws OsException {
    Rig rig = rig(LIMITS.withBufferBytes(64).withPoolBytes(BufferPool.bytesOf(64, 4)));
    Scripted server = scripted();
    List<Buffer> kept = new ArrayList<>();
    server.onOpen = connection -> {
      kept.add(connection.acquireBuffer());
      kept.add(connection.acquireBuffer());
    };
    server.onData = (connection, buffer) -> {
      server.received.append(buffer.copyOut());
      if (server.data.get() == 1) {
        kept.add(buffer.keep());
        connection.pauseReading();
      }
    };
    byte[] all = Bytes.pattern(64 + 30, 9);
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.send(all, 0);
    rig.until("the first bytes came", () -> server.data.get() > 0);
    rig.forAWhile();
    rig.run(server.first()::resumeReading);
    rig.until("all has come", () -> server.received.size() == all.length);
    assertThat(server.received.toArray()).isEqualTo(all);
    rig.run(() -> kept.forEach(Buffer::release));
  }

  @Test
  void pausedConnectionLearnsOfThePeersEndAtResume() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.send("last words");
    peer.shutdownOutput();
    rig.forAWhile();
    assertThat(server.peerEnds.get() + server.data.get() + server.closed.get()).isZero();
    rig.run(server.first()::resumeReading);
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.received).hasToString("last words");
    assertThat(server.peerEnds.get()).isEqualTo(1);
  }

  @Test
  void pausedConnectionLearnsOfAResetAtResumeAndDoesNotSpin() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    rig.forAWhile();
    peer.reset();
    rig.forAWhile();
    long events = rig.count(Counter.EVENTS);
    rig.forAWhile();
    assertThat(rig.count(Counter.EVENTS) - events).as("events that nobody wants").isZero();
    assertThat(server.closed.get()).isZero();
    rig.run(server.first()::resumeReading);
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_RESET));
  }

  /** The bytes come first, if the system has not thrown them away, and there must be something that looks again behind them. */
  @Test
  void pausedConnectionWithUnreadBytesLearnsOfTheResetBehindThemAtResume() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.send("last words");
    rig.forAWhile();
    peer.reset();
    rig.forAWhile();
    rig.run(server.first()::resumeReading);
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.received.toString()).isIn("", "last words");
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_RESET));
  }

  @Test
  void outboundIsBoundedAndDrainedFollowsWhenThePeerReads() throws OsException {
    Rig rig = rig(LIMITS.withOutboundBytes(40_000));
    Scripted server = scripted();
    AtomicInteger sent = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    server.onOpen = connection -> flood(connection, sent, most);
    server.onDrained = server.onOpen;
    Peer peer = slowPeer(rig.listen(server));
    int[] full = new int[1];
    rig.until("the queue is full and stays so", () -> {
      boolean now = server.connections.size() == 1 && server.first().isOutboundFull();
      full[0] = now ? full[0] + 1 : 0;
      return full[0] == 20;
    });
    int before = sent.get();
    int drains = server.drained.get();
    rig.until("it was drained and filled again", () -> {
      peer.receive();
      return server.drained.get() > drains + 3;
    });
    assertThat(sent.get()).isGreaterThan(before);
    assertThat(most.get()).isLessThan(40_000 + LIMITS.bufferBytes());
    rig.run(server.first()::abort);
  }

  @Test
  void messagesOfAllSizesShareBuffersWhileTheyWait() throws OsException {
    int bound = 1 << 20;
    Rig rig = rig(LIMITS.withOutboundBytes(bound));
    for (int size : List.of(2_049, 5_000, 9_000)) {
      Scripted server = scripted();
      int[] free = new int[2];
      server.onDrained = connection -> flood(connection, size);
      slowPeer(rig.listen(server));
      rig.until("it is open", () -> server.connections.size() == 1);
      rig.run(() -> free[0] = free(server.first()));
      rig.run(() -> flood(server.first(), size));
      untilFullForGood(rig, server);
      rig.run(() -> free[1] = free(server.first()));
      int zeroCopy =
          entry.toString().endsWith("zero-copy") ? 8 * bound / LIMITS.bufferBytes() + 16 : 0;
      int ringsOwn = 64;
      assertThat(free[0] - free[1]).as("buffers held by messages of " + size + " bytes")
          .isLessThanOrEqualTo(2 * bound / LIMITS.bufferBytes() + 3 + ringsOwn + zeroCopy);
      rig.run(server.first()::abort);
      rig.until("it is closed", () -> server.closed.get() == 1);
    }
  }

  private static void flood(Connection connection, int size) {
    while (!connection.isOutboundFull()) {
      connection.send(connection.acquireBuffer().copyIn(new byte[size]));
    }
  }

  private static void untilFullForGood(Rig rig, Scripted server) {
    int[] full = new int[1];
    rig.until("the queue is full and stays so", () -> {
      full[0] = server.first().isOutboundFull() ? full[0] + 1 : 0;
      return full[0] == 20;
    });
  }

  /** Buffers that the loop's pool has left. */
  private static int free(Connection connection) {
    List<Buffer> all = new ArrayList<>();
    for (Buffer each = connection.acquireBuffer(); each != null; each =
        connection.acquireBuffer()) {
      all.add(each);
    }
    all.forEach(Buffer::release);
    return all.size();
  }

  @Test
  void switchOfThePauseHoldsAtOnceForAQueueThatIsFullAlready() throws OsException {
    Rig rig = rig(LIMITS.withOutboundBytes(20_000));
    Scripted server = scripted();
    server.onOpen = connection -> flood(connection, 9_000);
    server.onDrained = server.onOpen;
    Peer peer = slowPeer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    untilFullForGood(rig, server);
    peer.send("first");
    rig.forAWhile();
    assertThat(server.data.get()).as("while its queue is full").isZero();
    rig.run(() -> server.first().pauseReadingWhenOutboundIsFull(false));
    rig.until("it reads", () -> server.received.toString().equals("first"));
    rig.run(() -> server.first().pauseReadingWhenOutboundIsFull(true));
    peer.send("second");
    rig.forAWhile();
    assertThat(server.received).as("paused again").hasToString("first");
    assertThat(server.first().isOutboundFull()).isTrue();
    rig.run(server.first()::abort);
  }

  @Test
  void refusedBufferIsStillTheCallers() throws OsException {
    Rig rig = rig(LIMITS.withOutboundBytes(1));
    Scripted server = scripted();
    List<Boolean> outcomes = new ArrayList<>();
    server.onOpen = connection -> {
      while (!connection.isOutboundFull()) {
        connection.send(connection.acquireBuffer().copyIn(new byte[16_000]));
      }
      Buffer refused = connection.acquireBuffer().copyIn(Bytes.of("mine"));
      outcomes.add(connection.send(refused));
      outcomes.add(connection.sendCopy(new byte[1]));
      assertThat(refused.readable()).isEqualTo(4);
      refused.release();
      outcomes.add(true);
    };
    slowPeer(rig.listen(server));
    rig.until("it was tried", () -> outcomes.size() == 3);
    assertThat(outcomes).containsExactly(false, false, true);
    rig.run(server.first()::abort);
  }

  @Test
  void fullOutboundPausesItsOwnReadingAndNothingElse() throws OsException {
    Rig rig = rig(LIMITS.withOutboundBytes(20_000));
    Scripted server = echo();
    Address at = rig.listen(server);
    Peer stuck = slowPeer(at);
    byte[] flood = new byte[1 << 16];
    rig.until("the stuck one is full", () -> {
      stuck.send(flood, 0);
      return server.connections.size() == 1 && server.first().isOutboundFull();
    });
    Peer other = peer(at);
    other.send("quick");
    rig.until("the other one is served", () -> other.hasReceived("quick"));
    for (int i = 0; i < 20; i++) {
      rig.forAWhile(() -> stuck.send(flood, 0));
      long received = rig.count(Counter.BYTES_RECEIVED);
      assertThat(received - rig.count(Counter.BYTES_SENT)).as("bytes held for the stuck one")
          .isLessThanOrEqualTo(20_000 + 2L * LIMITS.bufferBytes());
    }
    rig.run(server.first()::abort);
  }

  @Test
  void usedUpPoolDelaysConnectionsButLosesNothing() throws OsException {
    Limits tight = LIMITS.withBufferBytes(1024).withPoolBytes(BufferPool.bytesOf(1024, 3));
    Rig rig = rig(tight);
    Scripted server = scripted();
    List<Buffer> kept = new ArrayList<>();
    server.onData = (connection, buffer) -> {
      server.received.append(("[" + new String(buffer.copyOut()) + "]").getBytes());
      kept.add(buffer.keep());
    };
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Peer peer = peer(at);
      peers.add(peer);
      peer.send("p" + i);
    }
    rig.until("the pool is used up", () -> rig.count(Counter.NO_BUFFER) > 0
        && server.data.get() == 3);
    rig.forAWhile();
    rig.until("all have been heard", () -> {
      rig.run(() -> {
        kept.forEach(Buffer::release);
        kept.clear();
      });
      return server.data.get() == 8;
    });
    for (int i = 0; i < 8; i++) {
      assertThat(server.received.toString()).contains("[p" + i + "]");
    }
    rig.run(() -> kept.forEach(Buffer::release));
  }

  @Test
  void batchOfOneServesEveryConnection() throws OsException {
    Rig rig = rig(LIMITS.withBatchEvents(1).withAcceptsPerTurn(1).withReadsPerTurn(1));
    Scripted server = echo();
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Peer peer = peer(at);
      peers.add(peer);
      peer.send("p" + i);
    }
    rig.until("all are answered", () -> peers.stream().allMatch(peer -> peer.hasReceived(2)));
  }

  private static void flood(Connection connection, AtomicInteger sent, AtomicInteger most) {
    while (!connection.isOutboundFull()) {
      Buffer buffer = connection.acquireBuffer();
      buffer.copyIn(new byte[5_000]);
      assertThat(connection.send(buffer)).isTrue();
      sent.addAndGet(5_000);
      most.accumulateAndGet(connection.outboundBytes(), Math::max);
    }
  }
}
