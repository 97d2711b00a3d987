package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.connection.Connection;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A port that takes no socket, does not know a handle or has no room: every connection ends all the same, and nothing stays behind. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#completionManagers")
class RefusedSubmitContractTest extends ManagerTest {
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** More than a turn has steps. */
  private static final int CROWD = 300;

  private static final Limits SHORT_LINGER = LIMITS.withLingerMillis(50);

  private final AtomicInteger refusals = new AtomicInteger();

  @Test
  void connectOfASocketThatIsNotTakenIsToldAndTheNextOneWorks() throws OsException {
    refuseOnce("adopt", ErrorCode.NO_BUFFER);
    Rig rig = rig(SHORT_LINGER);
    long listener = SocketPair.listen(world);
    Scripted client = scripted();
    rig.connect(sockets.localAddress(listener), client);
    rig.until("onClosed tells", () -> client.closed.get() == 1);
    assertThat(client.connections).isEmpty();
    assertThat(client.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.OUT_OF_MEMORY));
    assertThat(rig.budget.used()).isZero();
    Scripted next = scripted();
    rig.connect(sockets.localAddress(listener), next);
    rig.until("the next one is open", () -> next.connections.size() == 1);
    drains(rig);
    sockets.closeSocket(listener);
  }

  @Test
  void listeningSocketThatIsNotTakenIsClosedAndReported() throws OsException {
    refuseOnce("adopt", ErrorCode.NO_BUFFER);
    Rig rig = rig(SHORT_LINGER);
    Scripted nobody = scripted();
    Footprint before = Footprint.now();
    rig.listen(nobody);
    rig.until("it is reported", () -> !rig.reports.isEmpty());
    assertThat(rig.reports).singleElement().asString().contains("cannot listen");
    assertThat(rig.count(Counter.ACCEPT_FAILURES)).isEqualTo(1);
    assertThat(Footprint.now()).as("its socket is closed").isEqualTo(before);
    Scripted server = echo();
    Peer peer = peer(rig.listen(server));
    peer.send("x");
    rig.until("the next one listens", () -> peer.hasReceived("x"));
    drains(rig);
  }

  @Test
  void closeOfAHandleThatThePortDoesNotKnowEndsTheConnection() throws OsException {
    AtomicInteger closes = new AtomicInteger();
    world.alterPorts(port -> AlteredPort.over(port, (verb, arguments, below) -> {
      if (!verb.equals("close") || arguments == null) {
        return below.answer();
      }
      // Nor does a completion ever come. The port's own end closes what it has.
      closes.incrementAndGet();
      return (long) ErrorCode.NOT_FOUND;
    }));
    Rig rig = rig(SHORT_LINGER);
    Scripted server = scripted();
    Peer peer = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    peer.shutdownOutput();
    rig.until("onClosed has come", () -> server.closed.get() == 1);
    rig.forAWhile();
    assertThat(closes).as("closes of the one handle").hasValue(1);
    drains(rig);
  }

  @Test
  void closeWhoseFinFindsNoRoomEndsAtTheLingerDeadline() throws OsException {
    AtomicInteger refused = new AtomicInteger();
    world.alterPorts(port -> AlteredPort.over(port, (verb, arguments, below) -> {
      if (verb.equals("shutdownOutput")) {
        refused.incrementAndGet();
        return (long) ErrorCode.BUSY;
      }
      return below.answer();
    }));
    Rig rig = rig(SHORT_LINGER);
    Scripted server = echo();
    server.onOpen = Connection::close;
    // Its side stays open: only the deadline can end the connection.
    Peer peer = peer(rig.listen(server));
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(refused.get()).isPositive();
    assertThat(server.failures).isEmpty();
    rig.until("the peer sees the end", () -> peer.hasEnded());
    drains(rig);
  }

  /** While it wants to know all that has happened it cannot ask, and to ask again at once would only burn CPU time. */
  @Test
  void loopWhosePortIsFullSleepsForAMomentBeforeItTakesADeadlineForReached() throws OsException {
    AtomicInteger sleepless = new AtomicInteger();
    AtomicInteger asleep = new AtomicInteger();
    world.alterPorts(port -> AlteredPort.over(port, (verb, arguments, below) -> {
      if (verb.equals("await")) {
        ((long) arguments[1] == 0 ? sleepless : asleep).incrementAndGet();
      }
      return verb.equals("receive") ? (long) ErrorCode.BUSY : below.answer();
    }));
    Rig rig = rig(SHORT_LINGER.withIdleMillis(50));
    Scripted server = echo();
    Peer peer = peer(rig.listen(server));
    rig.until("it is ended by the idle time and then the linger time",
        () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    assertThat(asleep.get()).isPositive();
    assertThat(sleepless.get()).as("waits that did not sleep").isLessThan(500);
    assertThat(peer.hasEnded()).isTrue();
  }

  /** More than one turn takes: what is refused must not be tried in every turn because some of it is always on its way. */
  @Test
  void loopWithHundredsThatFindNoRoomSleeps() throws OsException {
    AtomicInteger sleepless = new AtomicInteger();
    AtomicInteger asleep = new AtomicInteger();
    AtomicInteger refusals = new AtomicInteger();
    AtomicBoolean full = new AtomicBoolean(true);
    world.alterPorts(port -> AlteredPort.over(port, (verb, arguments, below) -> {
      if (verb.equals("await") && refusals.get() >= CROWD) {
        ((long) arguments[1] == 0 ? sleepless : asleep).incrementAndGet();
      }
      if (verb.equals("receive") && full.get()) {
        refusals.incrementAndGet();
        return (long) ErrorCode.BUSY;
      }
      return below.answer();
    }));
    Rig rig = rig(LIMITS.withConnections(CROWD).withAcceptsPerTurn(CROWD).withBacklog(CROWD));
    Scripted server = echo();
    Address at = rig.listen(server);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < CROWD; i++) {
      peers.add(peer(at));
    }
    rig.until("all are open", () -> server.connections.size() == CROWD);
    rig.until("all were refused", () -> refusals.get() >= CROWD);
    sleepless.set(0);
    asleep.set(0);
    rig.until("it has slept a few times", () -> asleep.get() >= 20);
    assertThat(sleepless.get()).as("waits that did not sleep").isLessThan(200);
    full.set(false);
    for (Peer peer : peers) {
      peer.send("x");
    }
    rig.until("every one is served", () -> peers.stream().allMatch(peer -> peer.hasReceived("x")));
  }

  @Test
  void socketThatCannotBeTakenForWantOfAClassIsClosed() throws OsException {
    world.alterPorts(port -> AlteredPort.over(port, (verb, arguments, below) -> {
      if (verb.equals("adopt")) {
        throw new NoClassDefFoundError("as with no descriptor left to load it");
      }
      return below.answer();
    }));
    Rig rig = rig(LIMITS);
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    rig.run(() -> {
      try {
        rig.manager().listen(listener, echo());
      } catch (NoClassDefFoundError e) {
        thrown.add(e);
      }
    });
    rig.until("it has failed", () -> !thrown.isEmpty());
    // Had it stayed open, its address would still be taken.
    long next = sockets.open(at);
    assertThat(sockets.bind(next, at)).isZero();
    sockets.closeSocket(next);
  }

  /** Sixteen operations are twelve idle connections and room for what they send. */
  @Test
  void connectForWhichThereAreNoOperationsFailsAsBusy() throws OsException {
    Rig rig = rig(LIMITS.withOperations(16));
    long listener = SocketPair.listen(world);
    Scripted clients = scripted();
    for (int i = 0; i < 13; i++) {
      rig.connect(sockets.localAddress(listener), clients);
    }
    rig.until("the last one has failed", () -> clients.closed.get() == 1);
    assertThat(clients.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.BUSY));
    rig.until("the others are open", () -> clients.connections.size() == 12);
    assertThat(rig.budget.used()).isEqualTo(12);
    sockets.closeSocket(listener);
  }

  private void drains(Rig rig) {
    List<Integer> cuts = new ArrayList<>();
    rig.run(() -> rig.manager().drain(DRAIN_NANOS, cut -> cuts.add(cut)));
    rig.until("the drain is over", () -> !cuts.isEmpty());
    // A listener's own handle goes behind it.
    rig.until("nothing is left", () -> rig.manager().connections() == 0);
  }

  private void refuseOnce(String refused, int error) {
    world.alterPorts(port -> AlteredPort.over(port, (verb, arguments, below) -> verb.equals(refused)
        && refusals.getAndIncrement() == 0 ? (long) error : below.answer()));
  }
}
