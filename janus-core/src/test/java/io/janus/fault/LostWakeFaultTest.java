package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.contract.Wait;
import io.janus.loop.EventLoop;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Wakes for whose packets the system has no memory. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"iocp", "afd", "emulated"})
@EnabledOnOs(OS.WINDOWS)
class LostWakeFaultTest extends FaultTest {
  private static final int ERROR_NOT_ENOUGH_MEMORY = 8;
  private static final int ERROR_NO_SYSTEM_RESOURCES = 1450;
  private static final String POST = "PostQueuedCompletionStatus";

  @Test
  void tasksRunAlthoughNoPacketCanWakeTheirLoop() throws Exception {
    Janus janus = open();
    EventLoop loop = janus.loops().getFirst();
    for (int error : new int[] {ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_SYSTEM_RESOURCES}) {
      int before = faults.injected();
      faults.on(POST, (call, arguments) -> error).install();
      // A loop that is awake needs no wake, so some tasks cost none.
      Wait.until("two wakes have failed", () -> {
        runs(loop);
        return faults.injected() >= before + 2;
      });
      runs(loop);
      faults.clear();
    }
    try (Socket client = client(janus.listen(any(), ECHO))) {
      assertThat(echo(client, new byte[] {1, 2})).as("once there is memory again").hasSize(2);
    }
  }

  private static void runs(EventLoop loop) {
    AtomicBoolean ran = new AtomicBoolean();
    loop.execute(() -> ran.set(true));
    Wait.until("the task has run", ran::get);
  }
}
