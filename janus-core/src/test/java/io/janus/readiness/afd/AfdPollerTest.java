package io.janus.readiness.afd;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Footprint;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What this backend does beyond the contract: its calls, its handles and its memory. */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AfdPollerTest {
  private static final long TOKEN = 7;

  private Footprint before;
  private AfdScene scene;
  private AfdPoller poller;

  @BeforeEach
  void open() throws Exception {
    before = Footprint.now();
    scene = new AfdScene();
    poller = scene.poller;
  }

  @AfterEach
  void everythingHasComeBack() {
    scene.close();
    assertThat(Footprint.now()).isEqualTo(before);
  }

  @Test
  void probeFindsTheDevice() {
    assertThat(AfdProbe.refusal()).isEmpty();
  }

  @Test
  void urgentInterestHearsOfUrgentDataAndOfNothingElse() throws Exception {
    long listener = scene.listen();
    int port = Objects.requireNonNull(scene.sockets.localAddress(listener)).port();
    try (Socket peer = new Socket("127.0.0.1", port)) {
      long near = scene.accept(listener);
      long registration = poller.add(near, Interest.URGENT, Trigger.LEVEL, TOKEN);
      peer.getOutputStream().write(1);
      scene.staysQuiet();
      peer.sendUrgentData(2);
      assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.URGENT);
      poller.change(registration, Interest.READ | Interest.URGENT);
      assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.READ | Ready.URGENT);
      poller.change(registration, Interest.READ);
      assertThat(scene.awaitEvent(TOKEN)).as("urgent data nobody asked for").isEqualTo(Ready.READ);
    }
  }

  @Test
  void oneEventCostsOnePollAndABatchOneWait() {
    int sockets = 20;
    for (int i = 0; i < sockets; i++) {
      poller.add(scene.pair()[0], Interest.WRITE, Trigger.LEVEL, i);
    }
    assertThat(scene.counters.get(Counter.CONTROL_CALLS))
        .as("for each the question for its base, and a poll")
        .isEqualTo(2 * sockets);
    int events = 0;
    while (events < sockets) {
      events += poller.await(scene.ready, AfdScene.SECOND);
    }
    long calls = scene.counters.systemCalls();
    // Sockets that are ready when they are asked answer before the wait begins.
    for (int round = 0; round < 5; round++) {
      assertThat(poller.await(scene.ready, AfdScene.SECOND)).isEqualTo(sockets);
    }
    assertThat(scene.counters.systemCalls() - calls).isEqualTo(5 * (sockets + 1));
  }

  @Test
  void messageCostsOnePollBesideItsReceive() {
    long[] pair = scene.pair();
    poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
    long polls = scene.counters.get(Counter.CONTROL_CALLS);
    for (int i = 0; i < 50; i++) {
      scene.send(pair[1]);
      assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.READ);
      scene.receive(pair[0]);
    }
    assertThat(scene.counters.get(Counter.CONTROL_CALLS) - polls)
        .as("the first poll was there already")
        .isEqualTo(49);
  }

  @Test
  void bitsAreTakenAwayWithoutACallAndAddedByACancelAndAPoll() {
    long[] pair = scene.pair();
    int both = Interest.READ | Interest.URGENT;
    long registration = poller.add(pair[0], both, Trigger.LEVEL, TOKEN);
    long calls = scene.counters.get(Counter.CONTROL_CALLS);
    poller.change(registration, Interest.READ);
    poller.change(registration, Interest.NONE);
    poller.change(registration, Interest.URGENT);
    assertThat(scene.counters.get(Counter.CONTROL_CALLS)).isEqualTo(calls);
    poller.change(registration, Interest.WRITE);
    poller.change(registration, Interest.READ | Interest.WRITE);
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
    assertThat(scene.counters.get(Counter.CONTROL_CALLS)).as("a cancel and a poll")
        .isEqualTo(calls + 2);
  }

  @Test
  void idleRegistrationIsGoneAtOnceAndAPolledOneByItsLastEvent() {
    long[] pair = scene.pair();
    long idle = poller.add(pair[0], Interest.NONE, Trigger.LEVEL, TOKEN);
    assertThat(poller.remove(idle)).isTrue();
    long polled = poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
    assertThat(poller.remove(polled)).isFalse();
    assertThat(poller.remove(polled)).as("a second remove before it is gone").isFalse();
    assertThat(poller.change(polled, Interest.READ)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(poller.add(pair[0], Interest.READ, Trigger.LEVEL, 8)).as("as long as it is there")
        .isEqualTo(ErrorCode.INVALID);
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.GONE);
    assertThat(poller.remove(polled)).isTrue();
    assertThat(poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, 8)).isPositive();
    assertThat(scene.awaitEvent(8)).isEqualTo(Ready.WRITE);
  }

  @Test
  void eventAndRemoveTogetherAreOneLastEvent() {
    long[] pair = scene.pair();
    long registration = poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
    scene.send(pair[1]);
    assertThat(poller.remove(registration)).isFalse();
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.GONE);
    scene.staysQuiet();
  }

  @Test
  void socketClosedUnderItsPollEndsTheRegistrationWithoutAWord() {
    long[] pair = scene.pair();
    long polled = poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
    scene.close(pair[0]);
    scene.staysQuiet();
    assertThat(poller.change(polled, Interest.WRITE)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(poller.remove(polled)).isTrue();
    long[] next = scene.pair();
    assertThat(poller.add(next[0], Interest.WRITE, Trigger.LEVEL, 8)).isPositive();
    assertThat(scene.awaitEvent(8)).isEqualTo(Ready.WRITE);
  }

  @Test
  void socketClosedBetweenTwoPollsEndsTheRegistrationWithoutAWord() {
    long[] pair = scene.pair();
    long polled = poller.add(pair[0], Interest.WRITE, Trigger.LEVEL, TOKEN);
    assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
    scene.close(pair[0]);
    scene.staysQuiet();
    assertThat(poller.change(polled, Interest.READ)).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void twoPollersWatchOneSocket() throws Exception {
    long[] pair = scene.pair();
    try (AfdPoller other = AfdPoller.open(4, new Counters())) {
      poller.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
      other.add(pair[0], Interest.READ, Trigger.LEVEL, TOKEN);
      scene.send(pair[1]);
      assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.READ);
      assertThat(other.await(scene.ready, 20 * AfdScene.SECOND)).isEqualTo(1);
    }
  }

  @Test
  void closeTakesBackEveryPollAndTheSocketsLiveOn() throws Exception {
    List<long[]> pairs = new ArrayList<>();
    Footprint sockets;
    try (AfdPoller other = AfdPoller.open(4, new Counters())) {
      for (int i = 0; i < 70; i++) {
        pairs.add(scene.pair());
        assertThat(other.add(pairs.get(i)[0], Interest.READ, Trigger.LEVEL, i)).isPositive();
      }
      scene.send(pairs.getFirst()[1]);
      assertThat(other.remove(other.add(pairs.getFirst()[1], Interest.READ, Trigger.LEVEL, 99)))
          .isFalse();
      sockets = Footprint.now();
    }
    Footprint after = Footprint.now();
    TreeSet<String> closed = new TreeSet<>(sockets.descriptors());
    closed.removeAll(after.descriptors());
    assertThat(closed).as("three handles of the device for 71 sockets, and the port").hasSize(4);
    assertThat(after.mappedBytes()).isLessThan(sockets.mappedBytes());
    for (long[] pair : pairs) {
      poller.add(pair[0], Interest.WRITE, Trigger.ONESHOT, TOKEN);
      assertThat(scene.awaitEvent(TOKEN)).isEqualTo(Ready.WRITE);
    }
  }
}
