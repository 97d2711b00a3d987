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
import java.io.IOException;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors of the calls that the engine on completion ports is made of. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = "iocp")
@EnabledOnOs(OS.WINDOWS)
class IocpFaultTest extends FaultTest {
  private static final int ERROR_NOT_ENOUGH_MEMORY = 8;
  private static final int ERROR_NO_SYSTEM_RESOURCES = 1450;
  private static final int WSAEMFILE = 10024;
  private static final int WSAEWOULDBLOCK = 10035;
  private static final int WSAEADDRNOTAVAIL = 10049;
  private static final int WSAENETUNREACH = 10051;
  private static final int WSAEINVAL = 10022;
  private static final int WSAECONNRESET = 10054;
  private static final int WSAENOBUFS = 10055;
  private static final int WSAENOTCONN = 10057;
  private static final int WSAETIMEDOUT = 10060;
  private static final int SO_UPDATE_ACCEPT_CONTEXT = 0x700B;
  private static final int SO_UPDATE_CONNECT_CONTEXT = 0x7010;
  private static final Set<String> MAKERS =
      Set.of("CreateIoCompletionPort", "WSASocketW", "VirtualAlloc", "WSAIoctl");

  @Test
  void acceptWithoutHandlesOrMemoryPausesAndResumesWithoutSpinning() throws Exception {
    for (int error : new int[] {WSAEMFILE, WSAENOBUFS}) {
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      Socket old = use(client(at));
      assertThat(echo(old, new byte[] {1})).hasSize(1);
      Faults outage = new Faults().on("WSASocketW", (call, arguments) -> error).install();
      // The next one finds a socket that waits for it already; no further one can be made then.
      Socket next = use(client(at));
      Socket waiting = use(client(at));
      Wait.until("accepting has failed five times", () -> outage.injected() >= 5);
      assertThat(echo(old, new byte[] {2})).as("the old connection goes on").hasSize(1);
      outage.clear();
      assertThat(echo(next, new byte[] {3})).hasSize(1);
      assertThat(echo(waiting, new byte[] {4})).hasSize(1);
      // Both may have found a socket before the first failure; this one comes only when accepting has resumed.
      assertThat(echo(use(client(at)), new byte[] {5})).hasSize(1);
      long failures = count(janus, Counter.ACCEPT_FAILURES);
      assertThat(failures).isEqualTo(outage.injected());
      assertThat(count(janus, Counter.ACCEPT_PAUSES)).as("every failure is followed by a rest")
          .isEqualTo(failures);
      assertThat(reports).anyMatch(report -> report.contains("accepting pauses"));
      assertThat(reports.size()).as("complaints are rationed").isLessThan(outage.injected());
      reports.clear();
    }
  }

  @Test
  void connectionThatThePortCannotTakeForAWhileIsServedWhenItCan() throws Exception {
    for (int error : new int[] {ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_SYSTEM_RESOURCES}) {
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
      Faults outage =
          new Faults().on("CreateIoCompletionPort", (call, arguments) -> call <= 3 ? error : 0)
              .install();
      assertThat(echo(use(client(at)), new byte[] {2})).hasSize(1);
      assertThat(outage.injected()).isEqualTo(3);
      outage.clear();
      assertThat(count(janus, Counter.FAILED)).isZero();
    }
  }

  @Test
  void acceptsThatFailForOnePeerAreStartedAgain() throws Exception {
    int[] errors = {WSAECONNRESET, WSAENOTCONN, WSAETIMEDOUT};
    Janus janus = open();
    faults.on("AcceptEx", (call, arguments) -> call <= errors.length ? errors[call - 1] : 0)
        .install();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    assertThat(faults.injected()).isEqualTo(errors.length);
    assertThat(count(janus, Counter.ACCEPT_PAUSES)).isZero();
  }

  @Test
  void floodOfConnectsThatWereResetRestsWithWordsOfItsOwn() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    Faults flood = new Faults().on("AcceptEx", (call, arguments) -> WSAENOTCONN).install();
    // Each of these finds a socket that waits for it already, and none can be put in its place.
    Wait.until("accepting rests", () -> count(janus, Counter.ACCEPT_PAUSES) > 0, () -> {
      try {
        use(client(at));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    flood.clear();
    assertThat(echo(use(client(at)), new byte[] {2})).hasSize(1);
    assertThat(reports).anyMatch(report -> report.startsWith(RESET_BEFORE));
  }

  /** The peer may have reset the connection before it is taken; Windows says then that the socket has no peer. */
  @Test
  void connectionThatCannotBeMadeTheListenersIsClosedAndAcceptingGoesOn() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    int[] errors = {WSAECONNRESET, WSAENOTCONN, WSAEINVAL};
    faults.on("setsockopt", (call, arguments) -> (int) arguments[2] == SO_UPDATE_ACCEPT_CONTEXT
        && faults.injected() < errors.length ? errors[faults.injected()] : 0).install();
    for (int i = 1; i <= errors.length; i++) {
      assertThat(isEnded(use(client(at)))).isTrue();
      assertThat(faults.injected()).isEqualTo(i);
    }
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    assertThat(count(janus, Counter.ACCEPT_PAUSES)).as("none is the listener's affair").isZero();
    assertThat(count(janus, Counter.ACCEPT_FAILURES)).isZero();
  }

  @Test
  void peersWhoHaveGoneBeforeTheyAreTakenHoldUpNobody() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    faults.on("setsockopt", (call, arguments) -> (int) arguments[2] == SO_UPDATE_ACCEPT_CONTEXT
        ? WSAENOTCONN
        : 0).install();
    for (int i = 0; i < 200; i++) {
      assertThat(isEnded(use(client(at)))).isTrue();
    }
    faults.clear();
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    assertThat(count(janus, Counter.ACCEPT_PAUSES)).isZero();
  }

  @Test
  void connectionsThatAllCannotBeTakenAreTheListenersAffairAfterAll() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    faults.on("setsockopt", (call, arguments) -> (int) arguments[2] == SO_UPDATE_ACCEPT_CONTEXT
        ? WSAEINVAL
        : 0).install();
    Wait.until("accepting rests", () -> count(janus, Counter.ACCEPT_PAUSES) > 0, () -> {
      try (Socket client = client(at)) {
        assertThat(isEnded(client)).isTrue();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    faults.clear();
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
  }

  @Test
  void socketThatCannotSkipPacketsHasThem() throws Exception {
    faults.on("SetFileCompletionNotificationModes", (call, arguments) -> 1).install();
    Janus janus = open();
    Socket client = use(client(janus.listen(any(), ECHO)));
    byte[] bytes = Bytes.pattern(200_000, 3);
    assertThat(echo(client, bytes)).isEqualTo(bytes);
    assertThat(faults.injected()).isOne();
  }

  @Test
  void socketOfALayeredProviderHasItsPackets() throws Exception {
    Janus janus = open();
    faults.on("WSAIoctl", (call, arguments) -> (int) arguments[1] == 0x4800_0022 ? 10045 : 0)
        .install();
    Socket client = use(client(janus.listen(any(), ECHO)));
    assertThat(echo(client, new byte[] {1, 2, 3})).hasSize(3);
    assertThat(faults.injected()).as("asked once for the listener and its sockets").isOne();
  }

  @Test
  void bytesThatWereAnnouncedAndAreNotThereOnlyDelay() throws Exception {
    faults.on("recv", (call, arguments) -> call % 2 == 1 ? WSAEWOULDBLOCK : 0).install();
    Janus janus = open();
    Socket client = use(client(janus.listen(any(), ECHO)));
    for (byte i = 0; i < 20; i++) {
      assertThat(echo(client, new byte[] {i})).containsExactly(i);
    }
    assertThat(faults.injected()).isPositive();
  }

  @Test
  void receiveThatTheSystemCannotHoldIsTriedAgainWithoutLoss() throws Exception {
    for (int error : new int[] {WSAENOBUFS, WSAEWOULDBLOCK}) {
      faults.on("WSARecv", (call, arguments) -> call % 2 == 1 ? error : 0).install();
      Janus janus = open();
      Socket client = use(client(janus.listen(any(), ECHO)));
      byte[] bytes = Bytes.pattern(100_000, 5);
      assertThat(echo(client, bytes)).isEqualTo(bytes);
      assertThat(count(janus, Counter.FAILED)).isZero();
      faults.clear();
    }
  }

  @Test
  void sendThatTheSystemCannotHoldIsTriedAgainWithoutLoss() throws Exception {
    for (int error : new int[] {WSAENOBUFS, WSAEWOULDBLOCK}) {
      faults.on("WSASend", (call, arguments) -> call % 2 == 1 ? error : 0).install();
      Janus janus = open();
      Socket client = use(client(janus.listen(any(), ECHO)));
      byte[] bytes = Bytes.pattern(100_000, 7);
      assertThat(echo(client, bytes)).isEqualTo(bytes);
      assertThat(count(janus, Counter.FAILED)).isZero();
      faults.clear();
    }
  }

  @Test
  void sendAndReceiveThatFailAtOnceEndThatConnectionOnly() throws Exception {
    for (String function : new String[] {"WSASend", "WSARecv"}) {
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      Socket other = use(client(at));
      assertThat(echo(other, new byte[] {1})).hasSize(1);
      Socket doomed = use(client(at));
      assertThat(echo(doomed, new byte[] {2})).hasSize(1);
      faults.on(function, (call, arguments) -> call == 1 ? WSAECONNRESET : 0).install();
      doomed.getOutputStream().write(3);
      Wait.until("it has failed", () -> count(janus, Counter.FAILED) == 1);
      assertThat(echo(other, new byte[] {4})).hasSize(1);
      faults.clear();
    }
  }

  @Test
  void connectErrorsAreToldByTheirKind() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    assertThat(failure(janus, at, "ConnectEx", WSAENETUNREACH)).isEqualTo(ErrorKind.UNREACHABLE);
    assertThat(failure(janus, at, "ConnectEx", WSAEADDRNOTAVAIL))
        .isEqualTo(ErrorKind.ADDRESS_NOT_AVAILABLE);
    assertThat(failure(janus, at, "bind", WSAENOBUFS)).isEqualTo(ErrorKind.OUT_OF_MEMORY);
    assertThat(failure(janus, at, "setsockopt", SO_UPDATE_CONNECT_CONTEXT, WSAENOTCONN))
        .as("reset between the connect's end and its completion")
        .isEqualTo(ErrorKind.CONNECTION_RESET);
    assertThat(failure(janus, at, "WSASocketW", WSAEMFILE))
        .isEqualTo(ErrorKind.OUT_OF_DESCRIPTORS);
  }

  private ErrorKind failure(Janus janus, Address to, String function, int error) {
    faults.on(function, (call, arguments) -> error).install();
    return failure(janus, to);
  }

  private ErrorKind failure(Janus janus, Address to, String function, int option, int error) {
    faults.on(function, (call, arguments) -> (int) arguments[2] == option ? error : 0).install();
    return failure(janus, to);
  }

  private ErrorKind failure(Janus janus, Address to) {
    AtomicReference<OsError> failure = new AtomicReference<>();
    janus.connect(to, new Handler() {
      @Override
      public void onData(Connection connection, Buffer buffer) {
        throw new AssertionError("no bytes without a connection");
      }

      @Override
      public void onClosed(Connection connection) {
        failure.set(connection.failure());
      }
    });
    Wait.until("the connect has failed", () -> failure.get() != null);
    faults.clear();
    return failure.get().kind();
  }

  @Test
  void whateverIsRefusedAtTheStartNothingIsLeft() {
    Footprint before = Footprint.now();
    for (int n = 1, injected = 1; injected > 0; n++) {
      Faults refusal = new Faults().failNth(MAKERS, n, ERROR_NOT_ENOUGH_MEMORY).install();
      try (Janus janus = Janus.open(options())) {
        assertThat(janus.engine().id()).isEqualTo("iocp");
      } catch (Exception | OutOfMemoryError refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
      injected = refusal.injected();
      refusal.clear();
      assertThat(Footprint.now()).as("after refusal of call " + n).isEqualTo(before);
    }
  }

  @Test
  void waitThatTheSystemRefusesEndsTheLoopWithAWord() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    use(client(at));
    faults.on("GetQueuedCompletionStatusEx", (call, arguments) -> call == 1 ? 6 : 0).install();
    janus.loops().getFirst().execute(() -> {});
    Wait.until("it is told", () -> reports.stream()
        .anyMatch(
            report -> report.contains("failed and ends")));
    // It is told first and done then: for a moment the listener is still there.
    Wait.until("the listener is closed", () -> {
      try (Socket late = client(at)) {
        return !late.isConnected();
      } catch (IOException refused) {
        return true;
      }
    });
  }
}
