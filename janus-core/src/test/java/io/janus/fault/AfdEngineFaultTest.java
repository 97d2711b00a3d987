package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.contract.Bytes;
import io.janus.contract.Footprint;
import io.janus.contract.Wait;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
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
  private static final int WSAENETDOWN = 10050;
  private static final String POLL = "NtDeviceIoControlFile";
  private static final Set<String> MAKERS = Set.of("CreateIoCompletionPort", "WSASocketW",
      "VirtualAlloc", "NtCreateFile", "WSAIoctl");

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

  /** Also the first poll of a connection, and that of its listener behind it. */
  @Test
  void connectionWhosePollIsRefusedForAWhileIsServedWhenThereIsMemory() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    turn(janus);
    turn(janus);
    faults.on(POLL, (call, arguments) -> call <= 6 ? STATUS_INSUFFICIENT_RESOURCES : 0)
        .install();
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(faults.injected()).isEqualTo(6);
    faults.clear();
    assertThat(count(janus, Counter.FAILED)).isZero();
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

}
