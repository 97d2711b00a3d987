package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.socket.Address;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a connection promises that connects another one beside itself. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class SameLoopContractTest extends ManagerTest {

  @Test
  void connectionOnTheSameLoopCarriesAnAttachmentAndBytesBothWays() throws OsException {
    Rig rig = rig();
    Address behind = rig.listen(echo());
    Scripted back = scripted();
    back.onData = (connection, buffer) -> ((Connection) connection.attachment()).send(buffer);
    Scripted front = scripted();
    front.onOpen = connection -> {
      Connection other = connection.connectOnSameLoop(behind, back);
      assertThat(other.loop()).isSameAs(connection.loop());
      other.attach(connection);
      connection.attach(other);
    };
    front.onData = (connection, buffer) -> ((Connection) connection.attachment()).send(buffer);
    Peer peer = peer(rig.listen(front));
    peer.send("through the house and back");
    rig.until("the bytes are back", () -> peer.hasReceived("through the house and back"));
  }

  @Test
  void refusedConnectOnTheSameLoopIsToldByOnClosedAfterTheCall() throws OsException {
    Rig rig = rig();
    Scripted back = scripted();
    Scripted front = scripted();
    // Before the other one, whose port it could get otherwise.
    Address at = rig.listen(front);
    long nobody = SocketPair.listen(world);
    Address gone = sockets.localAddress(nobody);
    sockets.closeSocket(nobody);
    List<Integer> toldInside = new CopyOnWriteArrayList<>();
    front.onOpen = connection -> {
      connection.connectOnSameLoop(gone, back);
      toldInside.add(back.closed.get());
    };
    peer(at);
    rig.until("it is told", () -> back.closed.get() == 1);
    assertThat(toldInside).containsExactly(0);
    assertThat(back.connections).isEmpty();
    assertThat(back.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_REFUSED));
    assertThat(rig.reports).isEmpty();
  }

  @Test
  void closeBeforeTheConnectHasEndedSendsWhatWasSentThenTheEnd() throws OsException {
    Rig rig = rig();
    Scripted behind = scripted();
    Address at = rig.listen(behind);
    Scripted back = scripted();
    List<Boolean> taken = new CopyOnWriteArrayList<>();
    rig.run(() -> {
      Connection connection = rig.manager().connect(at, back);
      taken.add(connection.sendCopy(Bytes.of("all of it")));
      connection.close();
      connection.close();
      // Goes nowhere, as after every close.
      taken.add(connection.sendCopy(Bytes.of(", and no more")));
    });
    rig.until("it is closed", () -> back.closed.get() == 1 && behind.closed.get() == 1);
    assertThat(taken).containsExactly(true, true);
    assertThat(behind.received).hasToString("all of it");
    assertThat(behind.peerEnds.get()).isEqualTo(1);
    assertThat(behind.failures).isEmpty();
    assertThat(back.failures).isEmpty();
    assertThat(back.connections).as("told open after its close").isEmpty();
  }

  @Test
  void closeBeforeTheConnectHasFailedTellsTheFailureOfWhatWasSent() throws OsException {
    Rig rig = rig();
    long nobody = SocketPair.listen(world);
    Address gone = sockets.localAddress(nobody);
    sockets.closeSocket(nobody);
    Scripted back = scripted();
    rig.run(() -> {
      Connection connection = rig.manager().connect(gone, back);
      connection.sendCopy(Bytes.of("to nobody"));
      connection.close();
    });
    rig.until("it is told", () -> back.closed.get() == 1);
    assertThat(back.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_REFUSED));
  }

  @Test
  void connectThatIsClosedWithNothingSentIsGivenUp() throws OsException {
    Rig rig = rig();
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    Scripted back = scripted();
    rig.run(() -> rig.manager().connect(at, back).close());
    rig.until("it is closed", () -> back.closed.get() == 1);
    assertThat(back.failures).isEmpty();
    assertThat(back.connections).isEmpty();
    sockets.closeSocket(listener);
  }

  @Test
  void connectFromAnotherThreadIsRefused() throws OsException {
    assumeTrue(drive == Drive.BY_THREAD, "the test's thread is the loop's");
    Rig rig = rig();
    Scripted front = scripted();
    Address at = rig.listen(front);
    peer(at);
    rig.until("it is open", () -> front.connections.size() == 1);
    assertThatThrownBy(() -> front.first().connectOnSameLoop(at, scripted()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Connection.execute");
  }

  @Test
  void handlerThatConnectsAgainInOnClosedEndsWithTheLoop() throws Exception {
    Rig rig = rig();
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    Scripted client = scripted();
    AtomicInteger begun = new AtomicInteger(1);
    List<Throwable> refusals = new CopyOnWriteArrayList<>();
    client.onClosed = connection -> {
      try {
        connection.connectOnSameLoop(at, client);
        begun.incrementAndGet();
      } catch (RejectedExecutionException e) {
        refusals.add(e);
      }
    };
    rig.connect(at, client);
    rig.until("it is open", () -> client.connections.size() == 1);
    rig.run(client.first()::abort);
    rig.until("it has connected again", () -> client.connections.size() == 2);
    rig.close();
    assertThat(begun.get()).as("connections begun").isEqualTo(2);
    assertThat(client.closed.get()).as("connections told of their end").isEqualTo(2);
    assertThat(refusals).singleElement()
        .satisfies(refusal -> assertThat(refusal).hasMessageContaining("ends"));
    assertThat(rig.manager().connections()).isZero();
    sockets.closeSocket(listener);
  }
}
