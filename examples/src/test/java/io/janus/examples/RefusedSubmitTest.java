package io.janus.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A submit that is refused has no completion, so an example that waited for it would hang without a word. */
@Timeout(60)
class RefusedSubmitTest {
  private static final int CONNECTIONS = 32;
  private static final Limits FEW_OPERATIONS =
      Limits.defaults().withBufferBytes(64).withOperations(16);

  @Test
  void workersWhoseSubmitIsRefusedEndWithTheReason() throws Exception {
    StreamCheck.Tally tally = new StreamCheck.Tally();
    List<Socket> clients = new ArrayList<>();
    try (WorkerPool pool =
        new WorkerPool(
            FEW_OPERATIONS, "emulated", CONNECTIONS, 2, 1,
            (port, handle, token) -> new CuredConnection(port, handle, token, tally))) {
      Address.Ipv4 at = (Address.Ipv4) pool.address();
      for (int i = 0; i < CONNECTIONS; i++) {
        clients.add(new Socket(InetAddress.getByAddress(at.bytes()), at.port()));
      }
      assertThatThrownBy(pool::awaitEnd).isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "a worker failed: the port has refused an operation: "
                  + OsError.of(ErrorCode.BUSY));
      assertThat(pool.hasFailed()).isTrue();
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  @Test
  void whatWasTakenIsPassedOn() {
    assertThat(WorkerPool.taken(7)).isEqualTo(7);
    assertThat(WorkerPool.taken(0)).isZero();
  }
}
