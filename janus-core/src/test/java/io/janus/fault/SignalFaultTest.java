package io.janus.fault;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.Wait;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Signals in the two calls that must not be repeated. The kernel has begun the connect, or done the close, when it says EINTR;
 * so the rules here make the real call first, past the injection, and only then tell of the signal.
 */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"epoll", "emulated"})
class SignalFaultTest extends FaultTest {
  private static final int CLIENTS = 5;
  private static final MethodHandle CONNECT =
      link("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  @Test
  void interruptedConnectGoesOnByItselfAndIsNotRepeated() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    faults.on("connect", (call, arguments) -> {
      really(CONNECT, arguments);
      return Faults.EINTR;
    }).install();
    List<Client> clients = new CopyOnWriteArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Client client = new Client();
      clients.add(client);
      janus.connect(at, client);
    }
    Wait.until("all have their echo", () -> clients.stream().allMatch(c -> c.echoes.get() == 1));
    assertThat(faults.injected()).isEqualTo(CLIENTS);
    assertThat(count(janus, Counter.CONNECTED)).isEqualTo(CLIENTS);
    Wait.until("all are closed", () -> janus.connections() == 0);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void interruptedCloseHasClosedAndIsNotRepeated() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    faults.on("close", (call, arguments) -> {
      really(CLOSE, arguments);
      return Faults.EINTR;
    }).install();
    for (int i = 0; i < CLIENTS; i++) {
      Client client = new Client();
      janus.connect(at, client);
      Wait.until("it has its echo", () -> client.echoes.get() == 1);
    }
    Wait.until("all are closed", () -> janus.connections() == 0);
    // A repeated close would count twice here, and could have hit a stranger with the same number.
    assertThat(faults.injected()).isEqualTo(2 * CLIENTS);
    assertThat(count(janus, Counter.CLOSED)).isEqualTo(2 * CLIENTS);
    assertThat(count(janus, Counter.FAILED)).isZero();
    assertThat(reports).isEmpty();
  }

  /** Sends one byte and closes when it has come back. */
  private static final class Client implements Handler {
    private final AtomicInteger echoes = new AtomicInteger();

    @Override
    public void onOpen(Connection connection) {
      Buffer buffer = connection.acquireBuffer();
      connection.send(buffer.copyIn(new byte[] {7}));
    }

    @Override
    public void onData(Connection connection, Buffer buffer) {
      echoes.incrementAndGet();
      connection.close();
    }
  }

  private static void really(MethodHandle function, Object[] arguments) {
    try {
      function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle link(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
  }
}
