package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.uring.UringPort;
import io.janus.completion.uring.UringProbe;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Sends that are not copied into the kernel: the buffer comes back when the kernel has let it go, not when it took the send. */
@EnabledOnOs(OS.LINUX)
class ZeroCopyTest {
  private static final int BYTES = 16_384;

  private final Completions completions = new Completions(8);
  private final Counters counters = new Counters();
  private Sockets sockets;
  private BufferPool pool;
  private CompletionPort port;
  private ServerSocket listener;
  private Socket peer;
  private long handle;
  private Buffer lastBuffer;

  @BeforeEach
  void open() throws IOException, OsException {
    String refusal = UringProbe.refusal();
    assumeTrue(refusal.isEmpty(), refusal);
    sockets = Sockets.open(counters);
    pool = new BufferPool(BYTES, 16 * BYTES);
    port = UringPort.open(sockets, pool, Limits.defaults(), counters, 0, 1);
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    var at = new io.janus.socket.Address.Ipv4(new byte[] {127, 0, 0, 1}, listener.getLocalPort());
    handle = port.adopt(sockets.open(at));
    port.connect(handle, at, 1);
    next(Operation.CONNECT);
    peer = listener.accept();
  }

  @AfterEach
  void everythingIsBack() throws IOException {
    if (port != null) {
      peer.close();
      listener.close();
      port.close();
      pool.close();
      sockets.close();
    }
  }

  @Test
  void bufferComesBackOnceThePeerHasReadIt() throws IOException {
    port.send(handle, filled(), 2);
    port.await(completions, 0);
    assertThat(peer.getInputStream().readNBytes(BYTES)).containsOnly(7);
    int sent = next(Operation.SEND);
    assertThat(sent).isEqualTo(BYTES);
    lastBuffer.release();
  }

  @Test
  void gatheredBuffersComeBackTogether() throws IOException {
    Buffer[] buffers = {filled(), filled()};
    port.sendAll(handle, buffers, 2, 2);
    port.await(completions, 0);
    assertThat(peer.getInputStream().readNBytes(2 * BYTES)).containsOnly(7);
    assertThat(next(Operation.SEND)).isEqualTo(2 * BYTES);
    assertThat(buffers[0].readable() + buffers[1].readable()).isZero();
    buffers[0].release();
    buffers[1].release();
  }

  @Test
  void cancelEndsASendThatThePeerNeverReads() {
    long operation = port.send(handle, filled(), 2);
    Wait.until("the kernel has the bytes", () -> {
      return port.await(completions, 0) > 0 || available() == BYTES;
    });
    port.cancel(operation);
    next(Operation.SEND);
    lastBuffer.release();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void cancelThatIsSubmittedWithTheSendEndsItToo() {
    assertThat(port.cancel(port.send(handle, filled(), 2))).isTrue();
    next(Operation.SEND);
    lastBuffer.release();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void closingThePortWithAnUnreadSendGivesItsBufferBack() {
    port.send(handle, filled(), 2);
    Wait.until("the kernel has the bytes", () -> {
      return port.await(completions, 0) > 0 || available() == BYTES;
    });
    if (completions.count() > 0) {
      completions.buffer(0).release();
    }
    assertThat(port.inFlight()).isEqualTo(1 - completions.count());
  }

  private int available() {
    try {
      return peer.getInputStream().available();
    } catch (SocketException e) {
      return -1;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Buffer filled() {
    Buffer buffer = pool.acquire();
    byte[] bytes = new byte[BYTES];
    java.util.Arrays.fill(bytes, (byte) 7);
    return buffer.copyIn(bytes);
  }

  private int next(Operation operation) {
    Wait.until("a completion comes",
        () -> completions.count() > 0 || port.await(completions, 1_000_000) > 0);
    assertThat(completions.operation(0)).isEqualTo(operation);
    int result = completions.result(0);
    lastBuffer = completions.buffer(0);
    completions.clear();
    return result;
  }
}
