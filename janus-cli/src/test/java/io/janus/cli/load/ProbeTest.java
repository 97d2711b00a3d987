package io.janus.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.connection.Handler;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The connections by which load asks whether somebody is there. */
@Timeout(60)
class ProbeTest {
  private static final EngineOptions ONE_LOOP = EngineOptions.defaults().withLoops(1);

  @Test
  void a_server_counts_no_failure() throws Exception {
    Handler echo = (connection, buffer) -> connection.send(buffer);
    try (Janus server = Janus.open(ONE_LOOP); Janus client = Janus.open(ONE_LOOP)) {
      Address at = server.listen(Address.parse("127.0.0.1:0"), echo);
      for (int i = 0; i < 20; i++) {
        assertThat(Probe.of(client, at).answers()).isTrue();
      }
      while (server.counters().get(Counter.CLOSED) < 20) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      assertThat(server.counters().get(Counter.FAILED)).isZero();
      assertThat(client.counters().get(Counter.FAILED)).isZero();
      assertThat(client.connections()).isZero();
    }
  }

  @Test
  void who_accepts_and_never_ends_answers_and_holds_no_place() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Janus client = Janus.open(ONE_LOOP)) {
      Address at = Address.parse("127.0.0.1:" + deaf.getLocalPort());
      assertThat(Probe.of(client, at).answers()).isTrue();
      assertThat(client.connections()).isZero();
    }
  }

  @Test
  void nobody_does_not_answer() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    try (Janus client = Janus.open(ONE_LOOP)) {
      Address at = Address.parse("127.0.0.1:" + port);
      Probe probe = Probe.of(client, at);
      assertThat(probe.answers()).isFalse();
      assertThat(probe.sentence(at)).contains("takes no new one", "nobody listens");
    }
  }
}
