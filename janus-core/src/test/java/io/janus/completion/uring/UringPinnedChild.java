package io.janus.completion.uring;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.contract.Wait;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Sends without copies, to many peers that read nothing, in a process whose user may lock little memory; tells how they ended. */
final class UringPinnedChild {
  private static final int CONNECTIONS = 300;
  private static final int BYTES = 65_536;

  private final Completions batch = new Completions(64);
  private int sent;
  private int failed;

  private UringPinnedChild() {}

  public static void main(String[] arguments) throws Exception {
    new UringPinnedChild().run();
  }

  private void run() throws Exception {
    Counters counters = new Counters();
    List<Socket> peers = new ArrayList<>();
    try (Sockets sockets = Sockets.open(counters);
        BufferPool pool = new BufferPool(BYTES, BufferPool.bytesOf(BYTES, 2 * CONNECTIONS));
        UringPort port = UringPort.open(sockets, pool, Limits.defaults(), counters, 0, 1);
        ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      Address at = new Address.Ipv4(new byte[] {127, 0, 0, 1}, server.getLocalPort());
      for (int i = 0; i < CONNECTIONS; i++) {
        long handle = port.adopt(sockets.open(at));
        port.connect(handle, at, i);
        boolean[] connected = new boolean[1];
        Wait.until("it is connected", () -> connected[0] |= take(port));
        peers.add(server.accept());
        Buffer buffer = Objects.requireNonNull(pool.acquire());
        port.send(handle, buffer.copyIn(new byte[BYTES]), i);
      }
      int[] quiet = new int[1];
      Wait.until("nothing ends any more", () -> {
        int before = sent + failed;
        take(port);
        quiet[0] = sent + failed == before ? quiet[0] + 1 : 0;
        return quiet[0] == 20;
      });
      System.out.println("sent " + sent + ", in flight " + port.inFlight() + ", failed " + failed);
    } finally {
      for (Socket peer : peers) {
        peer.close();
      }
    }
  }

  /** True if a connect has ended. */
  private boolean take(UringPort port) {
    boolean connected = false;
    int count = port.await(batch, 5_000_000);
    for (int i = 0; i < count; i++) {
      if (batch.operation(i) == Operation.CONNECT) {
        connected = batch.result(i) == 0;
      } else {
        sent += batch.result(i) > 0 ? 1 : 0;
        failed += batch.result(i) < 0 ? 1 : 0;
        if (!batch.more(i)) {
          Objects.requireNonNull(batch.buffer(i)).release();
        }
      }
    }
    return connected;
  }
}
