package io.janus;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.connection.Connection;
import io.janus.contract.EngineNames;
import io.janus.contract.Footprint;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many connections at once, all of them answered, and afterwards nothing left: 1,000, or as many as the system property
 * {@code janus.held} says. The clients are sockets of this process, which so has twice as many.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class HeldConnectionsTest {
  private static final int HELD = Integer.getInteger("janus.held", 1_000);
  private static final int AT_ONCE = 100;
  private static final int ROUNDS = 3;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("engines")
  void allAreServedAndNothingIsLeft(String engine) throws Exception {
    String refusal = Engine.valueOf(engine.toUpperCase(Locale.ROOT)).refusal();
    Refusal.skipIf(refusal);
    exchange(engine, 10);
    Footprint before = Footprint.now();
    exchange(engine, HELD);
    assertThat(Footprint.now()).isEqualTo(before);
  }

  private static void exchange(String engine, int count) throws Exception {
    Limits limits = Limits.defaults()
        .withBlockedMillis(0)
        .withConnections(count)
        .withPoolBytes(64 << 20)
        .withBacklog(512);
    long[] clients = new long[count];
    try (Janus janus = Janus.open(
        EngineOptions.defaults().withEngine(engine).withLoops(2).withLimits(limits));
        Sockets verbs = Sockets.open(new Counters());
        BufferPool pool = new BufferPool(64, 64 << 10)) {
      Address at =
          janus.listen(new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0), Connection::send);
      for (int i = 0; i < count; i++) {
        clients[i] = connect(verbs, at);
        if (i % AT_ONCE == AT_ONCE - 1 || i == count - 1) {
          int wanted = i + 1;
          Wait.until("the server has them all", () -> janus.connections() == wanted);
        }
      }
      Buffer byteOf = pool.acquire();
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < count; i++) {
          sendByte(verbs, clients[i], byteOf, (byte) (i + round));
        }
        for (int i = 0; i < count; i++) {
          assertThat(receiveByte(verbs, clients[i], byteOf)).isEqualTo((byte) (i + round));
        }
      }
      byteOf.release();
      assertThat(janus.connections()).as("held").isEqualTo(count);
      // In order and by a reset, in turns.
      for (int i = 0; i < count; i++) {
        if (i % 2 == 0) {
          verbs.setOption(clients[i], SocketOption.RESET_ON_CLOSE, 1);
        }
        verbs.closeSocket(clients[i]);
      }
      Wait.until("all are gone", () -> janus.connections() == 0);
    }
  }

  private static long connect(Sockets verbs, Address at) {
    long socket = verbs.open(at);
    assertThat(socket).isNotNegative();
    assertThat(verbs.connect(socket, at)).isIn(0, ErrorCode.IN_PROGRESS);
    return socket;
  }

  private static void sendByte(Sockets verbs, long socket, Buffer buffer, byte value) {
    buffer.clear().putByte(value);
    Wait.until("a byte is sent", () -> verbs.send(socket, buffer) == 1);
  }

  private static byte receiveByte(Sockets verbs, long socket, Buffer buffer) {
    buffer.clear();
    Wait.until("the echo has come", () -> verbs.receive(socket, buffer) == 1);
    return buffer.getByte();
  }
}
