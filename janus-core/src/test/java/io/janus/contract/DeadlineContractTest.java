package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.loop.Deadline;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens when time passes: idle, write, connect and linger deadlines, none of them early. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class DeadlineContractTest extends ManagerTest {
  private static final int MILLIS = 60;

  @Test
  void idleConnectionIsEndedAfterTheIdleTimeAndNotBefore() throws OsException {
    Rig rig = rig(LIMITS.withIdleMillis(MILLIS).withLingerMillis(MILLIS));
    Scripted server = scripted();
    Span life = new Span();
    server.onOpen = life::begin;
    server.onClosed = life::end;
    Peer peer = peer(rig.listen(server));
    rig.until("it was ended", () -> server.closed.get() == 1);
    // The peer does not end, so the linger time comes on top.
    life.assertNotBefore(2 * MILLIS);
    assertTimedOut(server);
    assertThat(peer.hasEnded()).isTrue();
  }

  @Test
  void idleConnectionWhosePeerEndsTooIsEndedByFin() throws OsException {
    Rig rig = rig(LIMITS.withIdleMillis(MILLIS));
    Scripted server = scripted();
    Peer peer = peer(rig.listen(server));
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.end).isZero();
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertTimedOut(server);
  }

  @Test
  void idleClientIsEndedAfterTheIdleTimeThoughItsConnectHadNoDeadline() throws OsException {
    endsAnIdleClient(0);
  }

  @Test
  void idleClientIsEndedAfterTheIdleTimeThoughItsConnectHadALongerOne() throws OsException {
    endsAnIdleClient(10_000);
  }

  private void endsAnIdleClient(int connectMillis) throws OsException {
    Rig rig = rig(LIMITS.withIdleMillis(MILLIS).withConnectMillis(connectMillis));
    long listener = SocketPair.listen(world);
    Scripted client = scripted();
    List<Boolean> endedInTime = new CopyOnWriteArrayList<>();
    client.onOpen = connection -> {
      // The loop keeps deadlines in the order of their times, so this one asks no clock whether the other was late.
      Deadline muchLater = new Deadline() {
        @Override
        protected void expired(long nowNanos) {
          endedInTime.add(connection.failure() != null);
        }
      };
      connection.loop()
          .timers()
          .schedule(muchLater, connection.loop().now() + TimeUnit.SECONDS.toNanos(1));
    };
    rig.connect(sockets.localAddress(listener), client);
    rig.until("a time much longer than the idle time has passed", () -> !endedInTime.isEmpty());
    assertThat(endedInTime).as("ended by the idle time").containsExactly(true);
    sockets.closeSocket(listener);
    rig.until("it is closed", () -> client.closed.get() == 1);
    assertTimedOut(client);
  }

  @Test
  void activityKeepsAConnectionAlive() throws OsException {
    Rig rig = rig(LIMITS.withIdleMillis(MILLIS));
    Scripted server = echo();
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    long start = world.clock().nanos();
    int[] sent = new int[1];
    rig.until("three idle times have passed", () -> {
      if (peer.hasReceived(sent[0])) {
        peer.send("x");
        sent[0]++;
      }
      return world.clock().nanos() - start > TimeUnit.MILLISECONDS.toNanos(3 * MILLIS);
    });
    assertThat(server.closed.get()).isZero();
  }

  @Test
  void pausedConnectionMeetsItsIdleDeadline() throws OsException {
    Rig rig = rig(LIMITS.withIdleMillis(MILLIS).withLingerMillis(MILLIS));
    Scripted server = scripted();
    server.onOpen = Connection::pauseReading;
    Peer peer = peer(rig.listen(server));
    peer.send("never read");
    rig.until("it was ended", () -> server.closed.get() == 1);
    assertTimedOut(server);
    assertThat(server.data.get()).isZero();
  }

  @Test
  void unreadBytesAreAbortedAfterTheWriteTime() throws OsException {
    Rig rig = rig(LIMITS.withWriteMillis(MILLIS));
    Scripted server = scripted();
    Span life = new Span();
    server.onOpen = connection -> {
      life.begin(connection);
      fillUp(connection);
    };
    server.onDrained = DeadlineContractTest::fillUp;
    server.onClosed = life::end;
    Peer peer = slowPeer(rig.listen(server));
    rig.until("it was aborted", () -> server.closed.get() == 1);
    assertTimedOut(server);
    life.assertNotBefore(MILLIS);
    rig.until("the reset has come", peer::hasEnded);
    peer.assertWasReset();
  }

  @Test
  void unreadBytesAreAbortedAlsoAfterClose() throws OsException {
    int more = 16 << 20; // Than any kernel takes for a peer that does not read.
    Rig rig = rig(LIMITS.withWriteMillis(MILLIS).withOutboundBytes(more));
    Scripted server = scripted();
    Span life = new Span();
    server.onOpen = connection -> {
      life.begin(connection);
      connection.sendCopy(new byte[more]);
      connection.close();
    };
    server.onClosed = life::end;
    Peer peer = slowPeer(rig.listen(server));
    rig.until("it was aborted", () -> server.closed.get() == 1);
    life.assertNotBefore(MILLIS);
    rig.until("the reset has come", peer::hasEnded);
    peer.assertWasReset();
  }

  @Test
  void deadlineScheduledInOnClosedIsKeptByALoopThatHasNothingElseToDo() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    AtomicLong expired = new AtomicLong();
    Deadline later = new Deadline() {
      @Override
      protected void expired(long nowNanos) {
        expired.incrementAndGet();
      }
    };
    server.onClosed = connection -> connection.loop()
        .timers()
        .schedule(later, connection.loop().now() + TimeUnit.MILLISECONDS.toNanos(MILLIS));
    Peer peer = peer(rig.listen(server));
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    rig.until("the deadline was kept", () -> expired.get() == 1);
  }

  @Test
  void connectWithoutAnAnswerFailsAfterTheConnectTime() throws OsException {
    List<Long> fillers = new ArrayList<>();
    long listener = fullListener(fillers);
    Rig rig = rig(LIMITS.withConnectMillis(MILLIS));
    Scripted client = scripted();
    Address at = sockets.localAddress(listener);
    Span attempt = new Span();
    client.onClosed = attempt::end;
    rig.run(() -> attempt.begin(rig.manager().connect(at, client)));
    rig.until("it has failed", () -> client.closed.get() == 1);
    attempt.assertNotBefore(MILLIS);
    assertThat(client.connections).isEmpty();
    assertTimedOut(client);
    fillers.forEach(sockets::closeSocket);
  }

  @Test
  void peerThatNeverEndsIsCutAfterTheLingerTime() throws OsException {
    Rig rig = rig(LIMITS.withLingerMillis(MILLIS));
    Scripted server = scripted();
    Span linger = new Span();
    server.onOpen = connection -> {
      connection.sendCopy(Bytes.of("bye"));
      connection.close();
      linger.begin(connection);
    };
    server.onClosed = linger::end;
    Peer peer = peer(rig.listen(server));
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.end).as("an end, not a reset, comes first").isZero();
    assertThat(peer.received).hasToString("bye");
    rig.until("it was cut", () -> server.closed.get() == 1);
    linger.assertNotBefore(MILLIS);
    assertThat(server.failures).as("after our own close nothing is a failure").isEmpty();
  }

  @Test
  void dribblingPeerCannotStretchTheLingerTime() throws OsException {
    Rig rig = rig(LIMITS.withLingerMillis(MILLIS));
    Scripted server = scripted();
    Span linger = new Span();
    server.onOpen = connection -> {
      connection.close();
      linger.begin(connection);
    };
    server.onClosed = linger::end;
    Address at = rig.listen(server);
    Peer peer = peer(at);
    rig.until("it was cut although bytes went on coming", () -> {
      if (server.closed.get() == 0) {
        peer.hasReceived(0);
        peer.sendUnlessCut("x");
      }
      return server.closed.get() == 1;
    });
    linger.assertNotBefore(MILLIS);
  }

  @Test
  void connectionClosedByBothSidesHasNoDeadlineLeft() throws OsException {
    Rig rig = rig(LIMITS.withIdleMillis(MILLIS).withLingerMillis(1));
    Scripted server = echo();
    Peer peer = peer(rig.listen(server));
    peer.send("x");
    rig.until("it is answered", () -> peer.hasReceived("x"));
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    long start = world.clock().nanos();
    rig.until("all deadlines have passed",
        () -> world.clock().nanos() - start > TimeUnit.MILLISECONDS.toNanos(2 * MILLIS));
    assertThat(server.closed.get()).isEqualTo(1);
    assertThat(server.failures).isEmpty();
  }

  /** A time of the loop's own clock, by which it keeps deadlines: what is early by it is early. */
  private static final class Span {
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    void begin(Connection connection) {
      begun.set(connection.loop().now());
    }

    void end(Connection connection) {
      ended.set(connection.loop().now());
    }

    long nanos() {
      return ended.get() - begun.get();
    }

    void assertNotBefore(int millis) {
      assertThat(nanos()).as("not early")
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(millis));
    }
  }

  private static void fillUp(Connection connection) {
    while (!connection.isOutboundFull()) {
      connection.sendCopy(new byte[16_000]);
    }
  }

  private static void assertTimedOut(Scripted handler) {
    assertThat(handler.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
  }

  /** A listener whose queue is full, so that the kernel answers no further connect; closed with the fillers. */
  private long fullListener(List<Long> fillers) {
    long listener = sockets.open(world.anyAddress());
    fillers.add(listener);
    sockets.bind(listener, world.anyAddress());
    sockets.listen(listener, 1);
    Address at = sockets.localAddress(listener);
    boolean full = false;
    for (int i = 0; i < 16 && !full; i++) {
      long filler = sockets.open(at);
      fillers.add(filler);
      sockets.connect(filler, at);
      full = isStillConnecting(filler);
    }
    if (!full) {
      fillers.forEach(sockets::closeSocket);
      Assumptions.abort("this network answers however full the listener's queue is");
    }
    return listener;
  }

  private boolean isStillConnecting(long socket) {
    for (int i = 0; i < 10; i++) {
      world.letTimePass();
      // Wine tells a peer's address before the peer has answered.
      if (SystemName.WINDOWS && world.hasThreads() ? WindowsConnects.isConnected(socket)
          : sockets.peerAddress(socket) != null) {
        return false;
      }
    }
    return true;
  }
}
