package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.completion.uring.UringEntries;
import io.janus.completion.uring.UringProbe;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.linux.Uring;
import io.janus.socket.Address;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A kernel that has dropped a completion for want of memory: its loop ends, and every connection hears of it. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = "uring")
class LostCompletionFaultTest extends FaultTest {
  private static final int EBADR = 53;
  private static final int TO_SUBMIT = 1;
  private static final int MIN_COMPLETE = 2;

  /** A name that no port looks for. */
  private static final long NOBODY = -1;

  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  @BeforeAll
  static void ringsRunHere() {
    String refusal = UringProbe.refusal();
    Refusal.skipIf(refusal);
  }

  private final Handler counting = new Handler() {
    @Override
    public void onOpen(Connection connection) {
      opened.incrementAndGet();
    }

    @Override
    public void onData(Connection connection, Buffer buffer) {
      connection.send(buffer);
    }

    @Override
    public void onClosed(Connection connection) {
      closed.incrementAndGet();
    }
  };

  @Test
  void loopEndsAndTellsEveryConnection() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), counting);
    Socket[] clients = new Socket[5];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = use(client(at));
      echo(clients[i], new byte[] {1, 2});
    }
    faults.on("io_uring_enter", (call, arguments) -> {
      UringEntries.forEach(entry -> {
        if (entry.opcode() == Uring.OP_SEND) {
          entry.setName(NOBODY);
        }
      });
      boolean waits = (int) arguments[TO_SUBMIT] == 0 && (int) arguments[MIN_COMPLETE] > 0;
      return waits ? EBADR : 0;
    }).install();
    // Its answer may be cut off by the end of the loop.
    clients[0].getOutputStream().write(3);
    Wait.until("every connection was told", () -> closed.get() == opened.get());
    assertThat(opened).hasValue(clients.length);
    Wait.until("the failure is reported",
        () -> reports.stream().anyMatch(report -> report.contains("failed and ends")));
    janus.close();
    assertThat(reports).noneMatch(report -> report.contains("never released"));
    clients[0].setSoTimeout(10_000);
    if (!isEnded(clients[0])) {
      assertThat(isEnded(clients[0])).as("ended behind its answer").isTrue();
    }
    for (int i = 1; i < clients.length; i++) {
      assertThat(isEnded(clients[i])).isTrue();
    }
  }
}
