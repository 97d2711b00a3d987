package io.janus.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.completion.uring.UringProbe;
import io.janus.contract.Footprint;
import io.janus.contract.Refusal;
import io.janus.socket.Address;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A connection without a descriptor of the process borrows one for each question, and gives it back whatever comes of the question. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LentSocketTest {
  private final BlockingQueue<Footprint> held = new LinkedBlockingQueue<>();

  /** Asks what throws, on the loop's thread. */
  private final class Asking implements Handler {
    @Override
    public void onOpen(Connection connection) {
      held.add(Footprint.now());
      try {
        connection.ask(socket -> {
          held.add(Footprint.now());
          throw new IllegalStateException("of " + socket);
        });
      } catch (IllegalStateException expected) {
        held.add(Footprint.now());
      }
    }

    @Override
    public void onData(Connection connection, Buffer buffer) {
      throw new AssertionError("nothing is sent");
    }
  }

  @Test
  void borrowedDescriptorIsClosedAlsoIfTheQuestionThrows() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    Refusal.skipIf(UringProbe.directRefusal(1));
    EngineOptions options =
        EngineOptions.defaults().withEngine("uring").withLoops(1).withDirectDescriptors(true);
    try (Janus janus = Janus.open(options)) {
      Address at = janus.listen(new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0), new Asking());
      try (Socket client = new Socket("127.0.0.1", at.port())) {
        assertThat(client.isConnected()).isTrue();
        Footprint before = held.take();
        assertThat(held.take().descriptors()).hasSize(before.descriptors().size() + 1);
        assertThat(held.take()).isEqualTo(before);
      }
    }
  }
}
