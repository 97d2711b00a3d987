package io.janus.completion.iocp;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What accept answers before and after its socket listens. */
@EnabledOnOs(OS.WINDOWS)
class IocpAcceptTest {
  private static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);

  /** Where it was taken, as Wine takes it, it would wait for ever. */
  @Test
  void acceptOnASocketThatDoesNotListenIsRefusedAndTheSocketCanListenThen() throws Exception {
    Counters counters = new Counters();
    try (Sockets sockets = Sockets.open(counters);
        BufferPool pool = new BufferPool(1024, 16 * 1024);
        CompletionPort port =
            IocpPort.open(sockets, pool, Limits.defaults(), counters, true)) {
      long socket = sockets.open(ANY);
      long listener = port.adopt(socket);
      assertThat(port.accept(listener, 0, 1)).as("unbound").isEqualTo(ErrorCode.INVALID);
      assertThat(sockets.bind(socket, ANY)).isZero();
      assertThat(port.accept(listener, 0, 1)).as("bound").isEqualTo(ErrorCode.INVALID);
      assertThat(port.inFlight()).isZero();
      assertThat(sockets.listen(socket, 8)).isZero();
      assertThat(port.accept(listener, 0, 1)).isPositive();
      long client = port.adopt(sockets.open(ANY));
      assertThat(port.connect(client, sockets.localAddress(socket), 2)).isPositive();
      int[] ended = new int[1];
      Completions batch = new Completions(2);
      Wait.until("both have ended", () -> {
        ended[0] += port.await(batch, 0);
        return ended[0] == 2;
      });
    }
  }
}
