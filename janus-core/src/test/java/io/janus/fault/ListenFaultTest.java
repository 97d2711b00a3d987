package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.contract.EngineNames;
import io.janus.contract.Footprint;
import io.janus.contract.FullMailbox;
import io.janus.contract.Wait;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import java.net.ConnectException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** All loops listen on an address, or none. */
@ParameterizedClass(name = "{0}")
@MethodSource("engines")
class ListenFaultTest extends FaultTest {
  private static final int TASKS = 16;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @Override
  EngineOptions options() {
    return super.options().withLoops(3).withLimits(LIMITS.withMailboxTasks(TASKS));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "one loop listens for all on Windows")
  void fullMailboxOfALaterLoopLeavesNobodyListening() throws Exception {
    Janus janus = open();
    CountDownLatch release = new CountDownLatch(1);
    use(release::countDown);
    Address at = freeAddress();
    Footprint before = Footprint.now();
    EventLoop last = janus.loops().getLast();
    FullMailbox.fill(last, release);
    AtomicInteger opened = new AtomicInteger();
    assertThatThrownBy(() -> janus.listen(at, counting(opened)))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("mailboxTasks");
    Wait.until("every socket of the attempt is closed", () -> Footprint.now().equals(before));
    assertThatThrownBy(() -> client(at)).isInstanceOf(ConnectException.class);
    release.countDown();
    Wait.until("the loop has room again", () -> FullMailbox.hasRoom(last));
    janus.listen(at, counting(opened));
    for (int i = 1; i <= 20; i++) {
      int number = i;
      use(client(at));
      Wait.until("a connection is open", () -> opened.get() == number);
    }
  }

  @Test
  void listenFromALoopsOwnThreadWorks() throws Exception {
    Janus janus = open();
    AtomicReference<Address> at = new AtomicReference<>();
    janus.loops().getFirst().execute(() -> {
      try {
        at.set(janus.listen(any(), ECHO));
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    });
    Wait.until("it listens", () -> at.get() != null);
    for (int i = 0; i < 10; i++) {
      Socket socket = use(client(at.get()));
      assertThat(echo(socket, new byte[] {1})).hasSize(1);
    }
  }

  private Address freeAddress() throws Exception {
    try (Janus probe = Janus.open(options())) {
      return probe.listen(any(), ECHO);
    }
  }

  private static Handler counting(AtomicInteger opened) {
    return new Handler() {
      @Override
      public void onOpen(Connection connection) {
        opened.incrementAndGet();
      }

      @Override
      public void onData(Connection connection, Buffer buffer) {
        // Nothing is sent.
      }
    };
  }
}
