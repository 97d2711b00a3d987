package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever an application's callback throws ends its own connection and nothing else. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
class FailureContractTest extends ManagerTest {

  @Test
  void throwInOnOpenClosesThatConnectionOnly() throws OsException {
    Scripted bad = scripted();
    bad.onOpen = connection -> fail();
    closesOnlyItself(bad, "onOpen", peer -> {});
  }

  @Test
  void throwInOnDataClosesThatConnectionOnly() throws OsException {
    Scripted bad = scripted();
    bad.onData = (connection, buffer) -> fail();
    closesOnlyItself(bad, "onData", peer -> peer.send("x"));
  }

  @Test
  void throwInOnDataAfterKeepingTheBufferLeaksOnlyWhatWasKept() throws OsException {
    Scripted bad = scripted();
    bad.onData = (connection, buffer) -> {
      connection.send(buffer);
      fail();
    };
    closesOnlyItself(bad, "onData", peer -> peer.send("x"));
  }

  @Test
  void throwInOnDrainedClosesThatConnectionOnly() throws OsException {
    Scripted bad = scripted();
    bad.onOpen = FailureContractTest::fillUp;
    bad.onDrained = connection -> fail();
    closesOnlyItself(bad, "onDrained", peer -> {});
  }

  @Test
  void throwInOnPeerClosedClosesThatConnectionOnly() throws OsException {
    Scripted bad = scripted();
    bad.onPeerClosed = connection -> fail();
    closesOnlyItself(bad, "onPeerClosed", Peer::shutdownOutput);
  }

  @Test
  void throwInOnClosedIsReportedAndEndsNothingElse() throws OsException {
    Rig rig = rig();
    Scripted bad = scripted();
    AtomicInteger thrown = new AtomicInteger();
    bad.onClosed = connection -> {
      thrown.incrementAndGet();
      fail();
    };
    Peer peer = peer(rig.listen(bad));
    rig.until("it is open", () -> bad.connections.size() == 1);
    bad.closed.incrementAndGet(); // The call below throws before the handler can count it.
    peer.shutdownOutput();
    rig.until("onClosed has thrown", () -> thrown.get() == 1);
    othersAreServed(rig);
    assertThat(rig.reports).anyMatch(report -> report.contains("onClosed"));
    assertThat(rig.budget.used()).isEqualTo(1);
  }

  @Test
  void errorsAreTreatedLikeExceptions() throws OsException {
    Scripted bad = scripted();
    bad.onData = (connection, buffer) -> {
      throw new AssertionError("thrown by the test");
    };
    closesOnlyItself(bad, "onData", peer -> peer.send("x"));
  }

  /** A fault that meets every connection would else bury what a person should read. */
  @Test
  void handlerThatThrowsForManyIsReportedAtOnceAndThenWithTheNumberOfTheOthers() throws Exception {
    int many = 20;
    long[] nanos = {1_000_000_000L};
    Rig rig = rig(LIMITS, () -> nanos[0]);
    Scripted bad = scripted();
    bad.onOpen = connection -> fail();
    Address at = rig.listen(bad);
    for (int i = 1; i <= many; i++) {
      int number = i;
      peer(at);
      rig.until("it has failed", () -> bad.closed.get() == number);
    }
    assertThat(rig.reports).singleElement().asString().contains("onOpen", "threw");
    nanos[0] += 1_100_000_000L;
    rig.loop.execute(() -> {});
    rig.until("the others are told", () -> rig.reports.size() == 2);
    assertThat(rig.reports.getLast()).contains("onOpen", "threw",
        "(and 18 more since the last report)");
    peer(at);
    rig.until("another one has failed", () -> bad.closed.get() == many + 1);
    rig.close();
    assertThat(rig.reports).as("what was not told is, at the end").hasSize(3);
    assertThat(rig.reports.getLast()).contains("onOpen").doesNotContain("since the last report");
    assertThat(rig.count(Counter.HANDLER_FAILURES)).isEqualTo(many + 1);
  }

  @Test
  void throwingTaskIsReportedAndTheLoopGoesOn() throws OsException {
    Rig rig = rig();
    rig.run(FailureContractTest::fail);
    othersAreServed(rig);
    assertThat(rig.reports).anyMatch(report -> report.contains("task"));
  }

  @Test
  void throwingDrainCallbackIsReportedAndTheLoopGoesOn() throws OsException {
    Rig rig = rig();
    Scripted server = echo();
    peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    rig.run(() -> rig.manager().drain(1_000_000_000L, cut -> fail()));
    rig.until("it was drained", () -> rig.reports.size() == 1);
    othersAreServed(rig);
  }

  @Test
  void abortInOnOpenIsHarmless() throws OsException {
    Scripted server = scripted();
    server.onOpen = FailureContractTest::abort;
    aborts(server, peer -> {});
    assertThat(server.data.get()).isZero();
  }

  @Test
  void abortInOnDataIsHarmless() throws OsException {
    Scripted server = scripted();
    server.onData = (connection, buffer) -> abort(connection);
    aborts(server, peer -> peer.send("x"));
    assertThat(server.data.get()).isEqualTo(1);
  }

  @Test
  void abortInOnDrainedIsHarmless() throws OsException {
    Scripted server = scripted();
    server.onOpen = FailureContractTest::fillUp;
    server.onDrained = FailureContractTest::abort;
    aborts(server, peer -> {});
    assertThat(server.drained.get()).isEqualTo(1);
  }

  @Test
  void abortInOnPeerClosedIsHarmless() throws OsException {
    Scripted server = scripted();
    server.onPeerClosed = FailureContractTest::abort;
    aborts(server, Peer::shutdownOutput);
    assertThat(server.peerEnds.get()).isEqualTo(1);
  }

  @Test
  void abortInOnClosedIsHarmlessAndNoFailure() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onClosed = FailureContractTest::abort;
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1 && peer.hasEnded());
    assertThat(server.failures).isEmpty();
    assertThat(server.first().failure()).isNull();
    othersAreServed(rig);
  }

  @Test
  void endOfTheLoopIsToldAsThisSidesOwnDoing() throws Exception {
    Rig rig = rig();
    Scripted server = scripted();
    peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    rig.close();
    assertEndedHere(server);
  }

  private void aborts(Scripted server, Consumer<Peer> provoke) throws OsException {
    Rig rig = rig();
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    provoke.accept(peer);
    rig.until("it is closed", () -> peer.hasEnded() && server.closed.get() == 1);
    assertEndedHere(server);
    assertThat(rig.reports).isEmpty();
    othersAreServed(rig);
  }

  private static void abort(Connection connection) {
    connection.abort();
    connection.close();
    connection.abort();
  }

  private static void fillUp(Connection connection) {
    while (!connection.isOutboundFull()) {
      connection.send(connection.acquireBuffer().copyIn(new byte[16_000]));
    }
  }

  private static void assertEndedHere(Scripted server) {
    assertThat(server.failures).singleElement().satisfies(error -> {
      assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_ABORTED);
      // Windows prints its number behind the name.
      assertThat(error.toString())
          .matches("this side ended the connection \\(ABORTED_HERE( \\d+)?\\); nothing to do");
    });
  }

  @Test
  void connectionsClosedByAnotherOnesCallbackGetNoFurtherData() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    server.onData = (connection, buffer) -> server.connections.forEach(Connection::abort);
    Address at = rig.listen(server);
    Peer first = peer(at);
    Peer second = peer(at);
    rig.until("both are open", () -> server.connections.size() == 2);
    // Both have bytes before a loop driven by turns looks again, so both events come in one batch.
    first.send("x");
    second.sendUnlessCut("y");
    rig.until("both are closed", () -> server.closed.get() == 2);
    assertThat(server.data.get()).as("calls, after the first of which both were aborted")
        .isEqualTo(1);
  }

  private void closesOnlyItself(Scripted bad, String callback, Consumer<Peer> provoke)
      throws OsException {
    Rig rig = rig();
    Peer peer = peer(rig.listen(bad));
    rig.until("it is open", () -> bad.connections.size() == 1);
    provoke.accept(peer);
    rig.until("it is closed and the peer sees the end", () -> peer.hasEnded()
        && bad.closed.get() == 1);
    assertThat(bad.failures).singleElement()
        .satisfies(error -> {
          assertThat(error.kind()).isEqualTo(ErrorKind.CONNECTION_ABORTED);
          assertThat(error.toString()).startsWith("the connection's handler threw");
        });
    assertThat(rig.count(Counter.HANDLER_FAILURES)).isEqualTo(1);
    assertThat(rig.reports).singleElement()
        .satisfies(report -> assertThat(report).contains(callback));
    othersAreServed(rig);
  }

  private void othersAreServed(Rig rig) throws OsException {
    Peer other = peer(rig.listen(echo()));
    other.send("alive");
    rig.until("another connection is served", () -> other.hasReceived("alive"));
  }

  private static void fail() {
    throw new IllegalArgumentException("thrown by the test");
  }

  @Test
  void resetWhilePausedIsNoFailureOfAConnectionThatIsOpenNorOfOneThatWeClose() throws OsException {
    Rig rig = rig();
    Scripted server = scripted();
    AtomicBoolean held = new AtomicBoolean();
    AtomicBoolean sent = new AtomicBoolean();
    List<Boolean> told = new CopyOnWriteArrayList<>();
    server.onData = (connection, buffer) -> connection.pauseReading();
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    // Bytes and reset come in one turn, where a receive that repeats tells both.
    if (drive == Drive.BY_THREAD) {
      rig.loop.execute(() -> {
        held.set(true);
        Wait.until("the peer has sent", sent::get);
      });
      Wait.until("the loop is held up", held::get);
    }
    peer.send("x");
    peer.reset();
    sent.set(true);
    rig.until("it is paused, or gone", () -> server.data.get() + server.closed.get() > 0);
    assumeTrue(server.data.get() == 1, "this system's reset takes what was sent before with it");
    rig.forAWhile();
    rig.run(() -> {
      told.add(server.first().isOpen());
      told.add(server.first().failure() == null);
      server.first().close();
    });
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(told).containsExactly(true, true);
    assertThat(server.failures).isEmpty();
    assertThat(rig.count(Counter.FAILED)).isZero();
  }
}
