package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a connection promises from open to its last completion, the same on every backend. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class ConnectionContractTest extends ManagerTest {

  @Test
  void echoAnswersWhatItWasSent() throws OsException {
    Rig rig = rig();
    Scripted server = echo();
    Peer peer = peer(rig.listen(server));
    for (int i = 0; i < 20; i++) {
      peer.send("message " + i + '\n');
    }
    int bytes = 10 * 10 + 10 * 11;
    rig.until("all answers have come", () -> peer.hasReceived(bytes));
    assertThat(peer.received.toString()).startsWith("message 0\n").endsWith("message 19\n");
    peer.shutdownOutput();
    rig.until("both sides have ended", () -> peer.hasEnded() && server.closed.get() == 1);
    assertThat(peer.end).isZero();
    assertThat(server.failures).isEmpty();
    assertThat(rig.count(Counter.ACCEPTED)).isEqualTo(1);
    assertThat(rig.count(Counter.CLOSED)).isEqualTo(1);
    assertThat(rig.count(Counter.FAILED)).isZero();
  }

  @Test
  void sixteenMebibytesEachWayArriveByteForByte() throws OsException {
    byte[] all = Bytes.pattern(16 << 20, 42);
    Rig rig = rig();
    Scripted server = echo();
    Scripted client = scripted();
    AtomicInteger sent = new AtomicInteger();
    client.onOpen = connection -> {
      connection.pauseReadingWhenOutboundIsFull(false);
      feed(connection, all, sent);
    };
    client.onDrained = connection -> feed(connection, all, sent);
    rig.connect(rig.listen(server), client);
    rig.until("all bytes are back", () -> client.received.size() == all.length);
    assertThat(client.received.toArray()).isEqualTo(all);
    assertThat(rig.count(Counter.BYTES_SENT)).isEqualTo(2L * all.length);
    assertThat(rig.count(Counter.BYTES_RECEIVED)).isEqualTo(2L * all.length);
    rig.run(client.first()::close);
    rig.until("both have closed", () -> client.closed.get() + server.closed.get() == 2);
    assertThat(client.failures).isEmpty();
    assertThat(server.failures).isEmpty();
  }

  @Test
  void peerThatHasEndedItsSideStillGetsItsAnswer() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onPeerClosed = connection -> {
      connection.sendCopy(server.received.toArray());
      connection.close();
    };
    Peer peer = peer(rig.listen(server));
    peer.send("question");
    peer.shutdownOutput();
    rig.until("the answer and the end have come", peer::hasEnded);
    assertThat(peer.received).hasToString("question");
    assertThat(peer.end).isZero();
    rig.until("it is closed", () -> server.closed.get() == 1);
  }

  @Test
  void shutdownOutputEndsSendingAndReceivingGoesOn() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = connection -> {
      connection.sendCopy(Bytes.of("all I say"));
      connection.shutdownOutput();
    };
    Peer peer = peer(rig.listen(server));
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.received).hasToString("all I say");
    peer.send("and I listen");
    rig.until("it was heard", () -> server.received.toString().equals("and I listen"));
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).isEmpty();
  }

  @Test
  void sendAfterShutdownOutputThrowsAndLeavesTheBufferToTheCaller() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    List<String> outcomes = new CopyOnWriteArrayList<>();
    server.onOpen = connection -> {
      connection.shutdownOutput();
      Buffer mine = connection.acquireBuffer().copyIn(Bytes.of("late"));
      assertThatThrownBy(() -> connection.send(mine)).isInstanceOf(IllegalStateException.class);
      mine.release();
      assertThatThrownBy(() -> connection.sendCopy(Bytes.of("late")))
          .isInstanceOf(IllegalStateException.class);
      outcomes.add("refused");
    };
    Peer peer = peer(rig.listen(server));
    rig.until("the end has come", peer::hasEnded);
    assertThat(outcomes).containsExactly("refused");
    assertThat(peer.received.size()).isZero();
  }

  @Test
  void sendAfterCloseIsDroppedWithoutComplaint() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    List<Boolean> taken = new CopyOnWriteArrayList<>();
    server.onOpen = connection -> {
      connection.sendCopy(Bytes.of("before"));
      connection.close();
      taken.add(connection.sendCopy(Bytes.of("after")));
      taken.add(connection.send(connection.acquireBuffer().copyIn(Bytes.of("after"))));
    };
    Peer peer = peer(rig.listen(server));
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.received).hasToString("before");
    assertThat(taken).containsExactly(true, true);
  }

  @Test
  void closeSendsEverythingSentBefore() throws OsException {
    byte[] all = Bytes.pattern(1 << 20, 3);
    Rig rig = rig(LIMITS.withOutboundBytes(2 << 20));
    Scripted server = scripted();
    server.onOpen = connection -> {
      connection.sendCopy(all);
      connection.close();
    };
    Peer peer = slowPeer(rig.listen(server));
    rig.forAWhile();
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.received.toArray()).isEqualTo(all);
    assertThat(peer.end).isZero();
  }

  @Test
  void lateInputAfterOurCloseDoesNotTurnItIntoAReset() throws OsException {
    byte[] answer = Bytes.pattern(300_000, 4);
    Rig rig = rig(LIMITS.withOutboundBytes(1 << 20));
    Scripted server = scripted();
    server.onData = (connection, buffer) -> {
      connection.sendCopy(answer);
      connection.close();
    };
    Peer peer = slowPeer(rig.listen(server));
    peer.send("a request");
    byte[] more = new byte[1 << 16];
    rig.until("the close has begun", () -> server.data.get() == 1);
    int[] late = new int[1];
    rig.until("the answer has come while input goes on", () -> {
      late[0] += late[0] < 500_000 ? peer.send(more, 0) : 0;
      peer.receiveOnce();
      return peer.received.size() == answer.length;
    });
    assertThat(late[0]).isPositive();
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.end).isZero();
    assertThat(peer.received.toArray()).isEqualTo(answer);
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.data.get()).as("no data after our close").isEqualTo(1);
    assertThat(server.failures).isEmpty();
  }

  @Test
  void abortResetsThePeer() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onData = (connection, buffer) -> connection.abort();
    Peer peer = peer(rig.listen(server));
    peer.send("x");
    rig.until("the reset has come", peer::hasEnded);
    peer.assertWasReset();
    rig.until("it is closed", () -> server.closed.get() == 1);
  }

  @Test
  void resetByThePeerIsTheFailureOfTheConnection() throws OsException {
    Rig rig = rig();
    Scripted server = echo();
    Peer peer = peer(rig.listen(server));
    peer.send("x");
    rig.until("it is open and answers", () -> peer.hasReceived("x"));
    peer.reset();
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_RESET));
    assertThat(server.peerEnds.get()).isZero();
    assertThat(rig.count(Counter.FAILED)).isEqualTo(1);
  }

  @Test
  void refusedConnectBringsOnClosedOnly() throws OsException {
    Rig rig = rig();
    long listener = SocketPair.listen(world);
    Address nobody = sockets.localAddress(listener);
    sockets.closeSocket(listener);
    Scripted client = scripted();
    AtomicInteger closedInsideTheCall = new AtomicInteger();
    rig.run(() -> {
      rig.manager().connect(nobody, client);
      closedInsideTheCall.set(client.closed.get());
    });
    rig.until("it has failed", () -> client.closed.get() == 1);
    assertThat(closedInsideTheCall.get()).isZero();
    assertThat(client.connections).as("opened").isEmpty();
    assertThat(client.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_REFUSED));
  }

  @Test
  void manySmallSendsArriveInTheOrderOfTheirCalls() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      expected.append(i).append(',');
    }
    AtomicInteger next = new AtomicInteger();
    server.onOpen = connection -> sendNumbers(connection, next, 20_000);
    server.onDrained = server.onOpen;
    Peer peer = slowPeer(rig.listen(server));
    rig.until("all numbers have come", () -> {
      peer.receiveOnce();
      return peer.received.size() == expected.length();
    });
    assertThat(peer.received).hasToString(expected.toString());
  }

  @Test
  void sendFromATaskGoesOutWithoutACallback() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    rig.run(() -> server.first().sendCopy(Bytes.of("pushed")));
    rig.until("it has come", () -> peer.hasReceived("pushed"));
  }

  @Test
  void keptBufferIsTheHandlersUntilItIsSent() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    List<Buffer> kept = new ArrayList<>();
    server.onData = (connection, buffer) -> kept.add(buffer.keep());
    Peer peer = peer(rig.listen(server));
    peer.send("one");
    rig.until("one was kept", () -> server.data.get() == 1);
    peer.send("two");
    rig.until("two were kept", () -> server.data.get() == 2);
    rig.run(() -> kept.forEach(server.first()::send));
    rig.until("both came back", () -> peer.hasReceived("onetwo"));
  }

  @Test
  void lentBufferIsGoneAfterTheCall() throws Exception {
    Rig rig = rig();
    Scripted server = scripted();
    List<Buffer> stolen = new ArrayList<>();
    server.onData = (connection, buffer) -> {
      stolen.add(buffer);
      assertThatThrownBy(buffer::release).isInstanceOf(IllegalStateException.class);
      connection.close();
    };
    Peer peer = peer(rig.listen(server));
    peer.send("x");
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    rig.close();
    assertThatThrownBy(() -> stolen.getFirst().getByte()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void emptySendsSendNothingAndLeakNothing() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onOpen = connection -> {
      connection.sendCopy(new byte[0]);
      connection.send(connection.acquireBuffer());
      connection.sendCopy(Bytes.of("x"));
      connection.send(connection.acquireBuffer());
    };
    Peer peer = peer(rig.listen(server));
    rig.until("only the byte has come", () -> peer.hasReceived("x"));
  }

  @Test
  void connectionIsForItsLoopsThreadOnly() throws Exception {
    Rig rig = rig();
    Scripted server = scripted();
    peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    AtomicInteger refused = new AtomicInteger();
    Thread other = Thread.ofPlatform().start(() -> {
      Connection connection = server.first();
      for (Runnable call : new Runnable[] {connection::close, connection::abort,
        connection::pauseReading, connection::acquireBuffer, connection::peerAddress,
        () -> connection.sendCopy(new byte[1])}) {
        assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("Connection.execute");
        refused.incrementAndGet();
      }
    });
    other.join();
    assertThat(refused.get()).isEqualTo(6);
  }

  @Test
  void addressesOfBothEndsAreTold() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    List<Address> told = new CopyOnWriteArrayList<>();
    server.onOpen = connection -> {
      told.add(connection.peerAddress());
      told.add(connection.localAddress());
    };
    Address at = rig.listen(server);
    Peer peer = peer(at);
    rig.until("they were told", () -> told.size() == 2);
    assertThat(told).containsExactly(peer.address(), at);
  }

  private static void feed(Connection connection, byte[] all, AtomicInteger sent) {
    while (sent.get() < all.length) {
      Buffer buffer = connection.acquireBuffer();
      int part = Math.min(buffer.capacity(), all.length - sent.get());
      if (!connection.send(buffer.copyIn(all, sent.get(), part))) {
        buffer.release();
        return;
      }
      sent.addAndGet(part);
    }
  }

  private static void sendNumbers(Connection connection, AtomicInteger next, int end) {
    while (next.get() < end && connection.sendCopy(Bytes.of(next.get() + ","))) {
      next.incrementAndGet();
    }
  }
}
