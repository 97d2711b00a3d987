package io.janus.readiness.afd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.contract.Footprint;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.call.FaultSeam.Fault;
import io.janus.ffi.windows.NtStatus;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of the poller that fail half way. */
@EnabledOnOs(OS.WINDOWS)
@Tag("faults")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AfdFaultTest {
  private static final long TOKEN = 7;
  private static final String POLL = "NtDeviceIoControlFile";
  private static final long NO_MEMORY =
      -Integer.toUnsignedLong(NtStatus.INSUFFICIENT_RESOURCES);

  private Footprint before;
  private AfdScene scene;
  private AfdPoller poller;

  @BeforeEach
  void open() throws Exception {
    FaultSeam.install(null);
    before = Footprint.now();
    scene = new AfdScene();
    poller = scene.poller;
  }

  @AfterEach
  void everythingHasComeBack() {
    FaultSeam.install(null);
    scene.close();
    assertThat(Footprint.now()).isEqualTo(before);
  }

  @Test
  void addThatTheDeviceRefusesTakesNothing() {
    long[] pair = scene.pair();
    failing(POLL, 1, 1);
    assertThat(poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN))
        .isEqualTo(ErrorCode.NO_BUFFER);
    FaultSeam.install(null);
    assertThat(poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, TOKEN)).isPositive();
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
  }

  @Test
  void changeThatTheDeviceRefusesLeavesTheOldInterest() {
    long[] pair = scene.pair();
    long registration = poller.add(pair[0], Interest.NONE, Trigger.LEVEL, TOKEN);
    failing(POLL, 1, 1);
    assertThat(poller.change(registration, Interest.WRITE)).isEqualTo(ErrorCode.NO_BUFFER);
    scene.staysQuiet();
    assertThat(poller.change(registration, Interest.WRITE)).isZero();
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
  }

  /** The first poll is answered; the next ones are refused, and nobody but the waiting thread can try again. */
  @Test
  void pollRefusedForWantOfMemoryIsTriedAgainWithinTheWait() {
    long[] pair = scene.pair();
    poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, TOKEN);
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
    AtomicInteger calls = failing(POLL, 1, 3);
    assertThat(poller.await(scene.ready, AfdPoller.FOREVER)).isEqualTo(1);
    assertThat(scene.ready.bits(0)).isEqualTo(Ready.WRITE);
    assertThat(calls.get()).as("three refusals, and the one that was taken").isEqualTo(4);
  }

  @Test
  void pollRefusedOnItsWayBackFromACancelIsTriedAgainWithinTheWait() {
    long[] pair = scene.pair();
    long registration = poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
    AtomicInteger calls = failing(POLL, 1, 2);
    assertThat(poller.change(registration, Interest.WRITE)).isZero();
    assertThat(poller.await(scene.ready, AfdPoller.FOREVER)).isEqualTo(1);
    assertThat(scene.ready.bits(0)).isEqualTo(Ready.WRITE);
    assertThat(calls.get()).isEqualTo(3);
  }

  /** A cancel that finds nothing to cancel means that the answer is on its way. */
  @Test
  void cancelThatComesTooLateLosesNothing() {
    long[] pair = scene.pair();
    long registration = poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
    FaultSeam.install((function, arguments) -> function.equals("NtCancelIoFileEx")
        ? -Integer.toUnsignedLong(NtStatus.NOT_FOUND)
        : Fault.PASS);
    assertThat(poller.change(registration, Interest.READ | Interest.WRITE)).isZero();
    scene.send(pair[1]);
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.READ);
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.READ | Ready.WRITE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CreateIoCompletionPort", "NtCreateFile", "SetFileCompletionNotificationModes",
        "VirtualAlloc"})
  void whicheverCallFailsWhileAPollerIsMadeNothingIsLeft(String function) throws Exception {
    Footprint open = Footprint.now();
    boolean opened = false;
    int n = 0;
    while (!opened && n < 10) {
      n++;
      AtomicInteger calls = failing(Set.of(function), n, 1);
      try {
        AfdPoller.open(4, new Counters()).close();
        opened = true;
      } catch (OsException | OutOfMemoryError refused) {
        assertThat(calls.get()).isEqualTo(n);
        assertThat(refused).hasMessageContaining(":");
      }
      FaultSeam.install(null);
      assertThat(Footprint.now()).as("after call %d of %s", n, function).isEqualTo(open);
    }
    assertThat(n).as("calls of %s", function).isBetween(2, 9);
  }

  @Test
  void handleThatCannotBeOpenedIsTheErrorOfTheAdd() {
    for (int i = 0; i < AfdHandles.GROUP; i++) {
      assertThat(poller.add(scene.pair()[0], Interest.NONE, Trigger.LEVEL, i)).isPositive();
    }
    long[] pair = scene.pair();
    failing("NtCreateFile", 1, 1);
    assertThat(poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, TOKEN))
        .isEqualTo(ErrorCode.NO_BUFFER);
    FaultSeam.install(null);
    assertThat(poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, TOKEN)).isPositive();
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
  }

  /** Memory is mapped for many slots at a time; the socket beyond them is refused, and the poller goes on. */
  @Test
  void memoryThatTheSystemRefusesIsTheErrorOfTheAdd() {
    List<Long> many = new ArrayList<>();
    for (int i = 0; i < AfdHandles.CHUNK; i++) {
      many.add(scene.sockets.open(AfdScene.ANY));
      assertThat(poller.add(many.getLast(), Interest.NONE, Trigger.LEVEL, i)).isPositive();
    }
    long[] pair = scene.pair();
    failing("VirtualAlloc", 1, 1);
    assertThat(poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, TOKEN))
        .isEqualTo(ErrorCode.NO_BUFFER);
    FaultSeam.install(null);
    assertThat(poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, TOKEN)).isPositive();
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
    many.forEach(scene.sockets::closeSocket);
  }

  @Test
  void waitThatTheSystemRefusesIsToldWithItsNumber() {
    failing("GetQueuedCompletionStatusEx", 1, 1);
    assertThatThrownBy(() -> poller.await(scene.ready, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("GetQueuedCompletionStatusEx");
    assertThat(poller.await(scene.ready, 0)).isZero();
  }

  private static AtomicInteger failing(String function, int from, int times) {
    return failing(Set.of(function), from, times);
  }

  private static AtomicInteger failing(Set<String> functions, int from, int times) {
    AtomicInteger calls = new AtomicInteger();
    FaultSeam.install((function, arguments) -> {
      if (!functions.contains(function)) {
        return Fault.PASS;
      }
      int call = calls.incrementAndGet();
      boolean fails = call >= from && call < from + times;
      return !fails ? Fault.PASS : function.startsWith("Nt") ? NO_MEMORY : -1450;
    });
    return calls;
  }
}
