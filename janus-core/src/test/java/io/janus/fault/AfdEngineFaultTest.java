package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.Bytes;
import io.janus.contract.Footprint;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors and short counts of the calls that the two engines above the AFD device are made of. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"afd", "emulated"})
@EnabledOnOs(OS.WINDOWS)
class AfdEngineFaultTest extends FaultTest {
  private static final byte[] PATTERN = Bytes.pattern(200_000, 8);
  private static final int ERROR_NOT_ENOUGH_MEMORY = 8;
  private static final int STATUS_INSUFFICIENT_RESOURCES = 0xC000_009A;
  private static final int WSAEINTR = 10004;
  private static final int WSAEACCES = 10013;
  private static final int WSAEMFILE = 10024;
  private static final int WSAEWOULDBLOCK = 10035;
  private static final int WSAEADDRNOTAVAIL = 10049;
  private static final int WSAENETDOWN = 10050;
  private static final int WSAENETUNREACH = 10051;
  private static final int WSAECONNABORTED = 10053;
  private static final int WSAECONNRESET = 10054;
  private static final int WSAENOBUFS = 10055;
  private static final String POLL = "NtDeviceIoControlFile";
  private static final Set<String> MAKERS = Set.of("CreateIoCompletionPort", "WSASocketW",
      "VirtualAlloc", "NtCreateFile", "WSAIoctl");

  @Test
  void acceptWithoutHandlesOrMemoryPausesAndResumesWithoutSpinning() throws Exception {
    for (int error : new int[] {WSAEMFILE, WSAENOBUFS}) {
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      Socket old = use(client(at));
      assertThat(echo(old, new byte[] {1})).hasSize(1);
      Faults outage = new Faults().on("accept", (call, arguments) -> error).install();
      Socket waiting = use(client(at));
      Wait.until("accepting has failed five times", () -> outage.injected() >= 5);
      assertThat(echo(old, new byte[] {2})).as("the old connection goes on").hasSize(1);
      outage.clear();
      assertThat(echo(waiting, new byte[] {3})).hasSize(1);
      long failures = count(janus, Counter.ACCEPT_FAILURES);
      assertThat(failures).isEqualTo(outage.injected());
      assertThat(count(janus, Counter.ACCEPT_PAUSES)).as("every failure is followed by a rest")
          .isEqualTo(failures);
      assertThat(reports).anyMatch(report -> report.contains("accepting pauses"));
      assertThat(reports.size()).as("complaints are rationed").isLessThan(outage.injected());
      // Else it may still be starting accepts when the next outage begins.
      janus.close();
      reports.clear();
    }
  }

  @Test
  void acceptErrorsOfOneConnectionAreSkipped() throws Exception {
    for (int error : new int[] {WSAECONNRESET, WSAECONNABORTED, WSAENETUNREACH, WSAEINTR}) {
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      faults.on("accept", (call, arguments) -> call <= 3 ? error : 0).install();
      assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
      assertThat(count(janus, Counter.ACCEPT_PAUSES)).isZero();
      faults.clear();
    }
  }

  @Test
  void socketWhoseBaseIsNotToldEndsThatConnectionOnly() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket other = use(client(at));
    assertThat(echo(other, new byte[] {1})).hasSize(1);
    // Else the fault could meet the other one, which is watched only once it has nothing more to read.
    turn(janus);
    turn(janus);
    faults.on("WSAIoctl", (call, arguments) -> WSAENETDOWN).install();
    assertThat(isEnded(use(client(at)))).isTrue();
    Wait.until("it has failed", () -> count(janus, Counter.FAILED) == 1);
    faults.clear();
    assertThat(echo(other, new byte[] {2})).hasSize(1);
    assertThat(echo(use(client(at)), new byte[] {3})).hasSize(1);
  }

  private static void turn(Janus janus) {
    AtomicBoolean begun = new AtomicBoolean();
    janus.loops().getFirst().execute(() -> begun.set(true));
    Wait.until("the loop has begun another turn", begun::get);
  }

  @Test
  void pollsThatTheDeviceRefusesForAWhileOnlyDelay() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket client = use(client(at));
    assertThat(echo(client, new byte[] {1})).hasSize(1);
    faults.on(POLL, (call, arguments) -> call % 2 == 0 ? STATUS_INSUFFICIENT_RESOURCES : 0)
        .install();
    for (byte i = 0; i < 10; i++) {
      assertThat(echo(client, new byte[] {i})).containsExactly(i);
    }
    faults.clear();
    assertThat(echo(client, PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isZero();
    assertThat(faults.injected()).isPositive();
  }

  @Test
  void connectErrorsAreToldByTheirKind() throws Exception {
    Map<Integer, ErrorKind> kinds = Map.of(WSAEADDRNOTAVAIL, ErrorKind.ADDRESS_NOT_AVAILABLE,
        WSAENETUNREACH, ErrorKind.UNREACHABLE, WSAEACCES, ErrorKind.PERMISSION_DENIED);
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    for (int error : kinds.keySet()) {
      faults.on("connect", (call, arguments) -> error).install();
      assertThat(failureOfConnect(janus, at).kind()).isEqualTo(kinds.get(error));
      faults.clear();
    }
    faults.on("WSASocketW", (call, arguments) -> WSAEMFILE).install();
    assertThat(failureOfConnect(janus, at).kind()).isEqualTo(ErrorKind.OUT_OF_DESCRIPTORS);
    faults.clear();
    Wait.until("all are closed", () -> janus.connections() == 0);
  }

  @Test
  void whateverIsRefusedAtTheStartNothingIsLeft() {
    Footprint before = Footprint.now();
    for (int n = 1, injected = 1; injected > 0; n++) {
      Faults refusal = new Faults().failNth(MAKERS, n, ERROR_NOT_ENOUGH_MEMORY).install();
      try (Janus janus = Janus.open(options())) {
        janus.listen(any(), ECHO);
      } catch (Exception | OutOfMemoryError refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
      injected = refusal.injected();
      refusal.clear();
      assertThat(Footprint.now()).as("after refusal of call " + n).isEqualTo(before);
    }
  }

  @Test
  void spuriousWouldBlocksOnlyDelay() throws Exception {
    for (String function : List.of("recv", "send", "WSASend", "accept")) {
      faults.on(function, (call, arguments) -> call % 3 == 1 ? WSAEWOULDBLOCK : 0);
    }
    Janus janus = open();
    faults.install();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void shortReceivesAndSendsKeepEveryByteAndTheOrder() throws Exception {
    SplittableRandom random = new SplittableRandom(9);
    Faults.Rule shorter = (call, arguments) -> {
      arguments[2] = 1 + random.nextInt((int) arguments[2]);
      return 0;
    };
    faults.on("recv", shorter).on("send", shorter);
    Janus janus = open();
    faults.install();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void sendsOfOneByteAtATimeArriveInOrder() throws Exception {
    faults.on("send", (call, arguments) -> {
      arguments[2] = Math.min(1, (int) arguments[2]);
      return call % 5 == 0 ? WSAEWOULDBLOCK : 0;
    });
    Janus janus = open();
    faults.install();
    byte[] few = Bytes.pattern(1_000, 10);
    assertThat(echo(use(client(janus.listen(any(), ECHO))), few)).isEqualTo(few);
  }

  @Test
  void sendWithoutMemoryOfTheSystemEndsThatConnectionOnly() throws Exception {
    faults.on("send", (call, arguments) -> call == 1 ? WSAENOBUFS : 0).install();
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket doomed = use(client(at));
    doomed.getOutputStream().write(1);
    assertThat(isEnded(doomed)).isTrue();
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isEqualTo(1);
  }

  @Test
  void receiveWithoutMemoryOfTheSystemBacksOffAndGoesOnWithoutLoss() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket client = use(client(at));
    assertThat(echo(client, new byte[] {1})).hasSize(1);
    faults.on("recv", (call, arguments) -> WSAENOBUFS).install();
    client.getOutputStream().write(new byte[] {7, 8});
    Wait.until("five receives have failed", () -> faults.injected() >= 5);
    faults.clear();
    assertThat(read(client, 2)).containsExactly(7, 8);
  }

  @Test
  void noMemoryForThePoolDelaysTheConnectionAndTheLoopLives() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    faults.on("VirtualAlloc", (call, arguments) -> ERROR_NOT_ENOUGH_MEMORY).install();
    Socket client = use(client(at));
    client.getOutputStream().write(PATTERN, 0, 1000);
    Wait.until("mapping has failed", () -> faults.injected() > 0);
    faults.clear();
    assertThat(read(client, 1000)).hasSize(1000);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
  }

  private static OsError failureOfConnect(Janus janus, Address to) {
    AtomicReference<OsError> failure = new AtomicReference<>();
    janus.connect(to, new Handler() {
      @Override
      public void onData(Connection connection, Buffer buffer) {
        // Nothing comes.
      }

      @Override
      public void onClosed(Connection connection) {
        failure.set(connection.failure());
      }
    });
    Wait.until("the connect has failed", () -> failure.get() != null);
    return failure.get();
  }
}
