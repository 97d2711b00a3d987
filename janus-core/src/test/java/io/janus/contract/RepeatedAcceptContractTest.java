package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link CompletionPort#REPEAT} means for an accept. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#ports")
class RepeatedAcceptContractTest extends PortTest {
  private static final int CLIENTS = 10;
  private static final int ACCEPTS_PER_TURN = 4;

  private final List<Long> clients = new ArrayList<>();
  private long listener;
  private long operation;
  private int submits;

  @Override
  Limits limits() {
    return Limits.defaults().withAcceptsPerTurn(ACCEPTS_PER_TURN);
  }

  @Test
  void everyConnectionComesOnceWhetherRepeatIsGrantedOrNot() {
    listenAndConnect(CLIENTS);
    submit();
    assertThat(acceptAll(CLIENTS)).hasSize(CLIENTS);
    closeClients();
  }

  @Test
  void repeatedAcceptOfTheEmulationNeedsNoSecondSubmitAndTakesABoundedNumberAtATime() {
    assumeTrue(entry.name().contains("emulated"), "other ports may end a repeated accept at will");
    assertThat(port.abilities() & CompletionPort.CAN_REPEAT).isNotZero();
    listenAndConnect(CLIENTS);
    submit();
    long[] calls = {counters.get(Counter.ACCEPT_CALLS)};
    Set<Long> accepted = new HashSet<>();
    Wait.until("all are accepted", () -> {
      take(SHORT);
      long now = counters.get(Counter.ACCEPT_CALLS);
      assertThat(now - calls[0]).as("accepts of one await").isLessThanOrEqualTo(ACCEPTS_PER_TURN);
      calls[0] = now;
      while (!waiting.isEmpty()) {
        Done done = waiting.remove();
        assertThat(done.more()).isTrue();
        accepted.add(done.handle());
      }
      return accepted.size() == CLIENTS;
    }, world::letTimePass);
    assertThat(submits).isEqualTo(1);
    assertThat(port.inFlight()).isEqualTo(1);
    assertThat(port.accept(listener, 0, 9)).as("a second one").isEqualTo(ErrorCode.BUSY);
    closeClients();
  }

  @Test
  void cancelEndsARepeatedAcceptWithOneLastCompletionAndThePlaceIsFree() {
    listenAndConnect(1);
    submit();
    acceptAll(1);
    staysQuietAboutConnections();
    port.cancel(operation);
    Done last = next(Operation.ACCEPT, 1);
    assertThat(last.result()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(port.inFlight()).isZero();
    submit();
    connect();
    assertThat(acceptAll(1)).hasSize(1);
    closeClients();
  }

  @Test
  void closeOfThePortClosesConnectionsThatNobodyTook() {
    listenAndConnect(3);
    submit();
    world.letTimePass();
    port.close();
    closeClients();
  }

  private void listenAndConnect(int count) {
    listener = port.adopt(SocketPair.listen(world));
    for (int i = 0; i < count; i++) {
      connect();
    }
  }

  private void connect() {
    Address at = sockets.localAddress(port.socket(listener));
    long client = sockets.open(at);
    sockets.connect(client, at);
    clients.add(client);
  }

  private void closeClients() {
    clients.forEach(sockets::closeSocket);
  }

  private void submit() {
    submits++;
    operation = port.accept(listener, CompletionPort.REPEAT, 1);
    assertThat(operation).isPositive();
  }

  private Set<Long> acceptAll(int count) {
    Set<Long> accepted = new HashSet<>();
    while (accepted.size() < count) {
      Done done = next();
      assertThat(done.operation()).isEqualTo(Operation.ACCEPT);
      assertThat(done.token()).isEqualTo(1);
      if (done.result() >= 0) {
        assertThat(accepted.add(done.handle())).as("a new handle").isTrue();
      }
      if (!done.more()) {
        submit();
      }
    }
    return accepted;
  }

  /** A port that may end a repeated accept at will is asked again, so that one is in flight. */
  private void staysQuietAboutConnections() {
    for (int i = 0; i < 4; i++) {
      world.letTimePass();
      take(SHORT);
      while (!waiting.isEmpty()) {
        Done done = waiting.remove();
        assertThat(done.result()).isNegative();
        submit();
      }
    }
  }
}
