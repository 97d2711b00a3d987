package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.Footprint;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorKind;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors of the calls that make or register descriptors. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"epoll", "emulated"})
@EnabledOnOs(OS.LINUX)
class DescriptorFaultTest extends FaultTest {
  private static final Set<String> MAKERS = Set.of("socket", "epoll_create1", "eventfd");

  /** Then nothing is in flight whose end could bring the next try, whatever kind of error it was. */
  @Test
  void listenerThatCannotBeWatchedAtFirstIsTriedAgain() throws Exception {
    Janus janus = open();
    Faults outage =
        new Faults().on("epoll_ctl", (call, arguments) -> call <= 3 ? Faults.EPERM : 0).install();
    Address at = janus.listen(any(), ECHO);
    // Else one of them could meet the connection, which the emulation takes before it watches the listener.
    Wait.until("all three have failed", () -> outage.injected() == 3);
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    outage.clear();
  }

  @Test
  void registrationRefusedByTheSystemEndsThatConnectionOnly() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Wait.until("the listener is watched", () -> count(janus, Counter.CONTROL_CALLS) > 0);
    long before = count(janus, Counter.CONTROL_CALLS);
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    // Else the fault could meet this connection, which is watched only once it has nothing more to read.
    Wait.until("the first is watched", () -> count(janus, Counter.CONTROL_CALLS) > before);
    AtomicBoolean once = new AtomicBoolean(true);
    faults.on("epoll_ctl", (call, arguments) -> (int) arguments[1] == 1
        && once.getAndSet(false) ? Faults.ENOSPC : 0).install();
    assertThat(isEnded(use(client(at)))).isTrue();
    assertThat(echo(use(client(at)), new byte[] {2})).hasSize(1);
    assertThat(count(janus, Counter.FAILED)).isEqualTo(1);
  }

  @Test
  void listenerWhoseRegistrationFailsTriesAgain() throws Exception {
    Janus janus = open();
    faults.on("epoll_ctl", (call, arguments) -> call <= 2 ? Faults.ENOSPC : 0).install();
    Address at = janus.listen(any(), ECHO);
    Wait.until("both registrations have failed", () -> faults.injected() == 2);
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
  }

  @Test
  void connectThatCannotBeWatchedFailsForWantOfMemory() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Wait.until("the listener is watched", () -> count(janus, Counter.CONTROL_CALLS) > 0);
    faults.on("epoll_ctl", (call, arguments) -> Faults.ENOSPC).install();
    assertThat(failureOfConnect(janus, at).kind()).isEqualTo(ErrorKind.OUT_OF_MEMORY);
    faults.clear();
    Wait.until("all are closed", () -> janus.connections() == 0);
  }

  @Test
  void whicheverDescriptorIsRefusedAtTheStartNothingIsLeft() throws Exception {
    Footprint before = Footprint.now();
    int n = 0;
    do {
      n++;
      faults.clear();
      faults.failNth(MAKERS, n, n % 2 == 0 ? Faults.EMFILE : Faults.ENFILE).install();
      int injected = faults.injected();
      startAndStop();
      assertThat(Footprint.now()).as("after the refusal of descriptor %d", n).isEqualTo(before);
      if (faults.injected() == injected) {
        break;
      }
    } while (n < 100);
    assertThat(n).as("descriptors made at the start").isBetween(5, 99);
  }

  @Test
  void whicheverMappingIsRefusedAtTheStartNothingIsLeft() throws Exception {
    Footprint before = Footprint.now();
    int n = 0;
    do {
      n++;
      faults.clear();
      faults.failNth(Set.of("mmap"), n, Faults.ENOMEM).install();
      int injected = faults.injected();
      startAndStop();
      assertThat(Footprint.now()).as("after the refusal of mapping %d", n).isEqualTo(before);
      if (faults.injected() == injected) {
        break;
      }
    } while (n < 100);
    assertThat(n).as("mappings made at the start").isBetween(3, 99);
  }

  @Test
  void listenOnAClosedEngineLeavesNoSocketBehind() throws Exception {
    Footprint before = Footprint.now();
    Janus janus = Janus.open(options());
    janus.close();
    try {
      janus.listen(any(), ECHO);
    } catch (IOException | RuntimeException refused) {
      assertThat(refused).hasMessageContaining("engine was closed");
    }
    assertThat(Footprint.now()).isEqualTo(before);
  }

  private void startAndStop() throws InterruptedException {
    try (Janus janus = Janus.open(options().withLoops(2))) {
      Address at = janus.listen(any(), ECHO);
      CountDownLatch closed = new CountDownLatch(1);
      janus.connect(at, new Handler() {
        @Override
        public void onOpen(Connection connection) {
          connection.close();
        }

        @Override
        public void onData(Connection connection, Buffer buffer) {
          // Nothing is sent.
        }

        @Override
        public void onClosed(Connection connection) {
          closed.countDown();
        }
      });
      assertThat(closed.await(20, TimeUnit.SECONDS)).as("the client was told its end").isTrue();
    } catch (IOException | UnsupportedOperationException refused) {
      assertThat(refused.getMessage()).contains("descriptor");
    } catch (OutOfMemoryError refused) {
      assertThat(refused).hasMessageContaining("mmap");
    }
  }

}
