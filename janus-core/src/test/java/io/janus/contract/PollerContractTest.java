package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link Poller} promises to one thread. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#pollers")
class PollerContractTest extends PollerTest {

  @Test
  void readInterestReportsOnlyWhenBytesCome() {
    SocketPair pair = pair();
    assertThat(poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN)).isPositive();
    staysQuiet();
    pair.send(pair.far, "x");
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
  }

  @Test
  void writeInterestReportsWhileThereIsRoom() {
    SocketPair pair = pair();
    poller.add(pair.near, Interest.WRITE, Trigger.LEVEL, TOKEN);
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.WRITE);
    pair.fill(pair.near);
    staysQuiet();
  }

  @Test
  void writeInterestReportsAgainWhenThePeerHasRead() {
    SocketPair pair = pair();
    int sent = pair.fill(pair.near);
    poller.add(pair.near, Interest.WRITE, Trigger.LEVEL, TOKEN);
    staysQuiet();
    pair.receive(pair.far, sent);
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.WRITE);
  }

  @Test
  void listenerIsReadableWhenAConnectionWaits() {
    long listener = SocketPair.listen(world);
    poller.add(listener, Interest.READ, Trigger.LEVEL, TOKEN);
    staysQuiet();
    long client = sockets.open(world.anyAddress());
    sockets.connect(client, sockets.localAddress(listener));
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    sockets.closeSocket(client);
    sockets.closeSocket(listener);
  }

  @Test
  void refusedConnectIsReportedAsWritableAndFailed() {
    long listener = SocketPair.listen(world);
    var address = sockets.localAddress(listener);
    sockets.closeSocket(listener);
    long client = sockets.open(address);
    int result = sockets.connect(client, address);
    if (result == ErrorCode.IN_PROGRESS) {
      poller.add(client, Interest.WRITE, Trigger.LEVEL, TOKEN);
      assertThat(awaitToken(TOKEN)).isEqualTo(Ready.WRITE | Ready.READ | Ready.ERROR);
      result = sockets.connectResult(client);
    }
    assertThat(OsError.kindOf(result)).isEqualTo(ErrorKind.CONNECTION_REFUSED);
    sockets.closeSocket(client);
  }

  @Test
  void levelReportsForAsLongAsItIsTrue() {
    SocketPair pair = pair();
    poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    pair.send(pair.far, "x");
    awaitToken(TOKEN);
    assertThat(look(TOKEN)).isEqualTo(Ready.READ);
    assertThat(look(TOKEN)).isEqualTo(Ready.READ);
    pair.receive(pair.near, 1);
    staysQuiet();
  }

  @Test
  void oneshotReportsOnceAndAgainAfterAChange() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.ONESHOT, TOKEN);
    pair.send(pair.far, "x");
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    staysQuiet();
    assertThat(poller.change(registration, Interest.READ)).isZero();
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    staysQuiet();
  }

  @Test
  void edgeReportsOncePerArrivalOrIsRefused() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.EDGE, TOKEN);
    if ((poller.abilities() & Poller.EDGE) == 0) {
      assertThat(registration).isEqualTo(ErrorCode.NOT_SUPPORTED);
      return;
    }
    pair.send(pair.far, "x");
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    staysQuiet();
    pair.send(pair.far, "y");
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
  }

  @Test
  void finIsReportedBesideReadAndBytesBeforeItCanStillBeRead() {
    SocketPair pair = pair();
    poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    pair.send(pair.far, "last");
    sockets.shutdownOutput(pair.far);
    Wait.until("the end shows", () -> {
      int bits = awaitToken(TOKEN);
      assertThat(bits & Ready.READ).isNotZero();
      return (bits & Ready.FIN) != 0 || (poller.abilities() & Poller.FIN_EARLY) == 0;
    }, world::letTimePass);
    Bytes sink = new Bytes();
    assertThat(pair.receiveEnd(pair.near, sink)).isZero();
    assertThat(sink).hasToString("last");
  }

  @Test
  void resetIsReportedAsErrorAndReadable() {
    SocketPair pair = pair();
    poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    pair.resetFar();
    assertThat(awaitToken(TOKEN) & (Ready.ERROR | Ready.READ)).isEqualTo(Ready.ERROR | Ready.READ);
    assertThat(pair.receive(pair.near, new Bytes())).isEqualTo(ErrorCode.CONNECTION_RESET);
  }

  @Test
  void noInterestDoesNotSpinAfterAReset() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    assertThat(poller.change(registration, Interest.NONE)).isZero();
    pair.resetFar();
    int early = 0;
    for (int i = 0; i < 50; i++) {
      long start = world.clock().nanos();
      assertThat(poller.await(ready, TimeUnit.MILLISECONDS.toNanos(2))).isZero();
      early += world.clock().nanos() - start < TimeUnit.MILLISECONDS.toNanos(2) ? 1 : 0;
    }
    assertThat(early).as("waits that a reset ended although nothing was wanted")
        .isLessThanOrEqualTo(1);
  }

  @Test
  void whatHappenedWithoutInterestShowsWhenTheInterestComesBack() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.NONE, Trigger.LEVEL, TOKEN);
    pair.resetFar();
    staysQuiet();
    poller.change(registration, Interest.READ);
    assertThat(awaitToken(TOKEN) & Ready.ERROR).isNotZero();
  }

  @Test
  void changeReplacesTheInterest() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.WRITE, Trigger.LEVEL, TOKEN);
    awaitToken(TOKEN);
    poller.change(registration, Interest.READ);
    staysQuiet();
    pair.send(pair.far, "x");
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    poller.change(registration, Interest.READ | Interest.WRITE);
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ | Ready.WRITE);
  }

  @Test
  void batchIsBoundedAndEverybodyGetsATurn() throws OsException {
    Set<Long> seen = new HashSet<>();
    for (long token = 1; token <= 10; token++) {
      SocketPair pair = pair();
      poller.add(pair.near, Interest.WRITE, Trigger.LEVEL, token);
    }
    Ready three = new Ready(3);
    Wait.until("all ten were reported", () -> {
      assertThat(poller.await(three, SECOND)).isBetween(1, 3);
      for (int i = 0; i < three.count(); i++) {
        seen.add(three.token(i));
      }
      return seen.size() == 10;
    }, world::letTimePass);
  }

  @Test
  void tokenComesBackBitForBit() {
    for (long token : new long[] {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE}) {
      SocketPair pair = pair();
      long registration = poller.add(pair.near, Interest.WRITE, Trigger.LEVEL, token);
      assertThat(awaitToken(token)).isEqualTo(Ready.WRITE);
      poller.remove(registration);
    }
  }

  @Test
  void addTwiceIsAnErrorAndLeavesTheFirstAlone() {
    SocketPair pair = pair();
    poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    long second = poller.add(pair.near, Interest.WRITE, Trigger.LEVEL, 99);
    assertThat(OsError.of(second).kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    pair.send(pair.far, "x");
    assertThat(awaitToken(TOKEN)).isEqualTo(Ready.READ);
    assertThat(bitsOf(99)).isZero();
  }

  @Test
  void addOfAClosedSocketIsAnError() {
    SocketPair pair = pair();
    long socket = pair.near;
    pair.closeNear();
    long result = poller.add(socket, Interest.READ, Trigger.LEVEL, TOKEN);
    assertThat(OsError.of(result).kind()).isEqualTo(ErrorKind.BAD_HANDLE);
  }

  @Test
  void unknownInterestBitsAreRefused() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    assertThatThrownBy(() -> poller.change(registration, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64");
    assertThatThrownBy(() -> poller.add(pair.far, 8, Trigger.LEVEL, TOKEN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8");
  }

  @Test
  void removedRegistrationNeverReportsAgain() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    pair.send(pair.far, "x");
    removeNow(registration, TOKEN);
    staysQuiet();
  }

  @Test
  void changeAfterRemoveIsNotFound() {
    SocketPair pair = pair();
    long registration = poller.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    removeNow(registration, TOKEN);
    assertThat(poller.change(registration, Interest.WRITE)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(poller.remove(registration)).as("a second remove").isTrue();
  }

  @Test
  void staleRegistrationNeverReachesTheNextOneInItsSlot() {
    SocketPair first = pair();
    long old = poller.add(first.near, Interest.READ, Trigger.LEVEL, TOKEN);
    removeNow(old, TOKEN);
    long reused = first.near;
    first.closeNear();
    SocketPair second = pair();
    long young = poller.add(second.near, Interest.READ, Trigger.LEVEL, 77);
    assertThat(young).isNotEqualTo(old);
    assertThat(poller.change(old, Interest.WRITE)).isEqualTo(ErrorCode.NOT_FOUND);
    poller.remove(old);
    second.send(second.far, "x");
    assertThat(awaitToken(77)).as("descriptor %d after %d", second.near, reused)
        .isEqualTo(Ready.READ);
    assertThat(bitsOf(TOKEN)).isZero();
    assertThat(staleEvents()).isZero();
  }

  @Test
  void wakeBeforeAnAwaitEndsItOnceHoweverOften() {
    for (int i = 0; i < 5; i++) {
      poller.wake();
    }
    assertThat(poller.await(ready, Poller.FOREVER)).isZero();
    long start = world.clock().nanos();
    assertThat(poller.await(ready, TimeUnit.MILLISECONDS.toNanos(5))).isZero();
    assertThat(world.clock().nanos() - start)
        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(5));
  }

  @Test
  void timeoutIsNeverEarly() {
    for (long nanos : new long[] {1, 400_000, 999_999, 1_000_000, 1_000_001, 7_300_000}) {
      long start = world.clock().nanos();
      assertThat(poller.await(ready, nanos)).isZero();
      assertThat(world.clock().nanos() - start).isGreaterThanOrEqualTo(nanos);
    }
  }

  @Test
  void closedPollerRefusesToWaitAndIgnoresTheRest() throws OsException {
    SocketPair pair = pair();
    Poller other = world.poller(4, counters);
    long registration = other.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    other.close();
    other.close();
    other.wake();
    assertThat(other.change(registration, Interest.WRITE)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThatThrownBy(() -> other.await(ready, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> other.add(pair.near, Interest.READ, Trigger.LEVEL, 1))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void socketOutlivesThePollerThatWatchedIt() throws OsException {
    SocketPair pair = pair();
    try (Poller other = world.poller(4, counters)) {
      other.add(pair.near, Interest.READ, Trigger.LEVEL, TOKEN);
    }
    pair.send(pair.far, "x");
    assertThat(pair.receive(pair.near, 1)).isEqualTo(Bytes.of("x"));
  }

  @Test
  void manyRegistrationsGrowTheTableAndKeepTheirTokens() {
    int n = 100;
    for (int i = 1; i <= n; i++) {
      poller.add(pair().near, Interest.WRITE, Trigger.ONESHOT, i);
    }
    Set<Long> seen = new HashSet<>();
    Wait.until("every token was reported once", () -> {
      poller.await(ready, 0);
      for (int i = 0; i < ready.count(); i++) {
        assertThat(seen.add(ready.token(i))).isTrue();
      }
      return seen.size() == n;
    }, world::letTimePass);
  }

  @Test
  void badBatchSizesAreRefused() {
    assumeTrue(world.hasThreads(), "a simulated world has no threads");
    assertThatThrownBy(() -> world.poller(0, counters))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> world.poller(65_537, counters))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
