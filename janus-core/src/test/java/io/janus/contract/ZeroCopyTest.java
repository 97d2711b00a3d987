package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.uring.UringPort;
import io.janus.completion.uring.UringProbe;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Sends that are not copied into the kernel: told when the socket has the bytes, and over when the kernel has let the buffer go. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ZeroCopyTest {
  private static final int BYTES = 16_384;

  private final Completions completions = new Completions(1);
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
    Refusal.skipIf(refusal);
    sockets = Sockets.open(counters);
    pool = new BufferPool(BYTES, BufferPool.bytesOf(BYTES, 16));
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
  void sendIsToldWhenTheSocketHasItsBytesAndTheBufferComesBackOnceTheKernelHasLetItGo()
      throws IOException {
    port.send(handle, filled(1), 2);
    untilTold(BYTES);
    Buffer held = lastBuffer;
    assertThatThrownBy(held::readable).hasMessageContaining("given to a send");
    assertThatThrownBy(held::release).hasMessageContaining("given to a send");
    assertThat(peer.getInputStream().readNBytes(BYTES)).containsOnly(1);
    assertThat(next(Operation.SEND)).as("all was told before").isZero();
    assertThat(lastBuffer).isSameAs(held);
    assertThat(lastBuffer.readable()).isZero();
    lastBuffer.release();
  }

  @Test
  void nextSendGoesOutWhileTheKernelHoldsTheLastOne() throws IOException {
    Buffer[] gathered = {filled(2), filled(3)};
    port.send(handle, filled(1), 1);
    untilTold(BYTES);
    assertThat(port.sendAll(handle, gathered, 2, 2)).isPositive();
    untilTold(2 * BYTES);
    assertThat(port.send(handle, filled(4), 3)).isPositive();
    untilTold(BYTES);
    assertThatThrownBy(() -> port.close(handle, 9)).hasMessageContaining("in flight; cancel what");
    for (int i = 1; i <= 4; i++) {
      assertThat(peer.getInputStream().readNBytes(BYTES)).containsOnly(i);
    }
    finish();
    gathered[1].release();
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void secondSendIsRefusedUntilAllBytesOfTheFirstAreTold() {
    port.send(handle, filled(1), 1);
    Buffer second = filled(2);
    assertThat(port.send(handle, second, 2)).isEqualTo(ErrorCode.BUSY);
    untilTold(BYTES);
    assertThat(port.send(handle, second, 2)).isPositive();
    finish();
  }

  @Test
  void shutdownGoesOutBehindTheBytesOfAHeldSend() throws IOException {
    port.send(handle, filled(1), 1);
    assertThat(port.shutdownOutput(handle, 2)).isPositive();
    untilTold(BYTES);
    port.await(completions, 0);
    assertThat(peer.getInputStream().readAllBytes()).hasSize(BYTES).containsOnly(1);
    finish();
  }

  @Test
  void errorAtTheFirstWordIsToldAgainWithTheBuffer() throws IOException {
    peer.setSoLinger(true, 0);
    peer.close();
    Wait.until("the reset has come", () -> {
      port.send(handle, filled(1), 2);
      int error = 0;
      boolean more = true;
      while (more) {
        awaitOne();
        more = completions.more(0);
        if (error < 0) {
          assertThat(completions.result(0)).as("told again").isEqualTo(error);
        }
        error = completions.result(0) < 0 ? completions.result(0) : error;
        lastBuffer = completions.buffer(0);
        completions.clear();
      }
      lastBuffer.release();
      return error < 0;
    });
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void cancelEndsASendThatThePeerNeverReads() {
    long first = port.send(handle, filled(1), 1);
    untilTold(BYTES);
    long second = port.send(handle, filled(2), 2);
    untilTold(BYTES);
    port.cancel(second);
    port.cancel(first);
    assertThat(port.cancel(first)).as("a second wish").isFalse();
    finish();
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void cancelThatIsSubmittedWithTheSendEndsItToo() {
    assertThat(port.cancel(port.send(handle, filled(1), 2))).isTrue();
    finish();
  }

  @Test
  void closingThePortWithUnreadSendsGivesTheirBuffersBack() {
    List<Buffer> second = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Buffer[] buffers = {filled(1), filled(2)};
      port.sendAll(handle, buffers, 2, i);
      untilTold(2 * BYTES);
      second.add(buffers[1]);
    }
    int ended = 3 - port.inFlight();
    port.close();
    // Of a send that ended before, the second buffer is the test's.
    second.subList(0, ended).forEach(Buffer::release);
    assertThat(pool.outstanding()).isZero();
  }

  private Buffer filled(int with) {
    Buffer buffer = pool.acquire();
    byte[] bytes = new byte[BYTES];
    java.util.Arrays.fill(bytes, (byte) with);
    lastBuffer = buffer.copyIn(bytes);
    return lastBuffer;
  }

  /** Takes what is told of the newest send until these are all its bytes; older ones may end meanwhile. */
  private void untilTold(int bytes) {
    int sum = 0;
    while (sum < bytes) {
      awaitOne();
      assertThat(completions.operation(0)).isEqualTo(Operation.SEND);
      if (completions.more(0)) {
        assertThat(completions.buffer(0)).isNull();
        sum += completions.result(0);
      } else {
        takeEnd();
      }
      completions.clear();
    }
    assertThat(sum).isEqualTo(bytes);
  }

  private void takeEnd() {
    assertThat(completions.result(0)).as("all was told before").isNotPositive();
    completions.buffer(0).release();
  }

  private void awaitOne() {
    Wait.until("a completion comes",
        () -> completions.count() > 0 || port.await(completions, 1_000_000) > 0);
  }

  private int next(Operation operation) {
    awaitOne();
    assertThat(completions.operation(0)).isEqualTo(operation);
    assertThat(completions.more(0)).isFalse();
    int result = completions.result(0);
    lastBuffer = completions.buffer(0);
    completions.clear();
    return result;
  }

  /** Takes what is in flight and gives the buffers back. */
  private void finish() {
    while (port.inFlight() > 0) {
      awaitOne();
      if (completions.buffer(0) != null) {
        completions.buffer(0).release();
      }
      completions.clear();
    }
  }
}
