package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.contract.EngineNames;
import io.janus.contract.Footprint;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The system refuses a loop's model the socket that was just made. */
@ParameterizedClass(name = "{0}")
@MethodSource("engines")
class AdoptFaultTest extends FaultTest {
  private static final int ERROR_NO_SYSTEM_RESOURCES = 1450;
  private static final int WSAENOBUFS = 10055;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @Test
  void connectIsToldAndNothingStaysBehind() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket client = client(at);
    assertThat(echo(client, new byte[] {1})).hasSize(1);
    Footprint before = Footprint.now();
    int connections = janus.connections();
    refuseSockets();
    assertThat(failureOfConnect(janus, at).kind()).isNotIn(ErrorKind.NOT_FOUND,
        ErrorKind.CONNECTION_REFUSED);
    assertThat(faults.injected()).isEqualTo(1);
    Wait.until("its place is given back", () -> janus.connections() == connections);
    assertThat(Footprint.now()).as("its socket is closed").isEqualTo(before);
    faults.clear();
    client.close();
    assertThat(janus.drain(Duration.ofSeconds(20))).isTrue();
    assertThat(janus.connections()).isZero();
  }

  @Test
  void listenerIsClosedAndReported() throws Exception {
    Janus janus = open();
    Footprint before = Footprint.now();
    refuseSockets();
    janus.listen(any(), ECHO);
    Wait.until("it is reported",
        () -> reports.stream().anyMatch(report -> report.contains("cannot listen")));
    faults.clear();
    assertThat(count(janus, Counter.ACCEPT_FAILURES)).isEqualTo(1);
    assertThat(Footprint.now()).as("its socket is closed").isEqualTo(before);
    Socket client = use(client(janus.listen(any(), ECHO)));
    assertThat(echo(client, new byte[] {1})).hasSize(1);
  }

  private void refuseSockets() {
    if (engine.equals("iocp")) {
      faults.on("CreateIoCompletionPort", (call, arguments) -> ERROR_NO_SYSTEM_RESOURCES);
    } else if (SystemName.WINDOWS) {
      // The first call is of the socket's making.
      faults.on("ioctlsocket", (call, arguments) -> call == 2 ? WSAENOBUFS : 0);
    } else {
      faults.on("ioctl", (call, arguments) -> Faults.ENOBUFS);
    }
    faults.install();
  }
}
