package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.completion.Operation;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.socket.Address;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Sends that are not copied into the kernel, where sockets or the moment do not allow it, and their ends. */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringUncopiedTest extends UringTest {
  private static final int LARGE = 1 << 20;

  @TempDir Path directory;

  @Override
  int zeroCopyBytes() {
    return 1;
  }

  @Test
  void unixSocketIsSentCopies() throws Exception {
    Path path = directory.resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      Address there = Address.parse("unix:" + path);
      long handle = port.adopt(sockets.open(there));
      assertThat(port.connect(handle, there, 1)).isPositive();
      assertThat(next(Operation.CONNECT, 1).result()).isZero();
      SocketChannel far = use(server.accept());
      byte[] bytes = Bytes.pattern(BUFFER_BYTES, 5);
      for (int i = 0; i < 3; i++) {
        assertThat(port.send(handle, acquire().copyIn(bytes), i)).isPositive();
        Done sent = next(Operation.SEND, i);
        assertThat(sent.result()).isEqualTo(BUFFER_BYTES);
        assertThat(read(far, BUFFER_BYTES)).isEqualTo(bytes);
        Buffer[] both = {sent.buffer().clear().copyIn(bytes), acquire().copyIn(bytes)};
        assertThat(port.sendAll(handle, both, 2, i)).isPositive();
        assertThat(next(Operation.SEND, i).result()).isEqualTo(2 * BUFFER_BYTES);
        assertThat(read(far, 2 * BUFFER_BYTES)).startsWith(bytes).endsWith(bytes);
        both[0].release();
        both[1].release();
      }
    }
  }

  /** A connection on which a send has been taken by the kernel and is not over, because the peer does not read. */
  private record Stuck(Pair pair, long operation, Buffer[] buffers) {
    /** All buffers come back together, of which the completion tells the first. */
    void release(Done done) {
      assertThat(done.buffer()).isSameAs(buffers[0]);
      for (Buffer buffer : buffers) {
        buffer.release();
      }
    }
  }

  /** Far more bytes than the other end takes without reading. */
  private Stuck stuck(int token) throws IOException {
    Stuck stuck = submitted(token);
    staysQuiet();
    return stuck;
  }

  /** The same before the kernel has been entered for it. */
  private Stuck submitted(int token) throws IOException {
    Pair pair = slowPair();
    Buffer[] buffers = new Buffer[16];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = acquire().copyIn(new byte[BUFFER_BYTES]);
    }
    long operation = port.sendAll(pair.handle(), buffers, buffers.length, token);
    assertThat(operation).isPositive();
    return new Stuck(pair, operation, buffers);
  }

  /** More than the socket takes at once, by one send: what it does not take follows by itself, before anything else. */
  @Test
  void restOfASendThatTheSocketTookInPartGoesOutBeforeTheNextSend() throws Exception {
    Pair pair = pair();
    Bytes wanted = new Bytes();
    Buffer[] all = new Buffer[16];
    for (int i = 0; i < all.length; i++) {
      byte[] bytes = Bytes.pattern(LARGE, i);
      wanted.append(bytes);
      all[i] = Buffer.over(Arena.global().allocate(LARGE)).copyIn(bytes);
    }
    assertThat(port.sendAll(pair.handle(), all, all.length, 1)).isPositive();
    staysQuiet();
    // The windows of a loopback hold some ten MiB at most.
    assertThat(told.get(1L)).as("told so far").isBetween(1, 16 * LARGE - 1);
    Buffer last = acquire().copyIn(Bytes.of("last"));
    assertThat(port.send(pair.handle(), last, 2)).isEqualTo(ErrorCode.BUSY);
    wanted.append(Bytes.of("last"));
    Bytes come = new Bytes();
    pair.far().configureBlocking(false);
    ByteBuffer in = ByteBuffer.allocate(1 << 16);
    boolean[] submitted = new boolean[1];
    Wait.until("all has come", () -> {
      take(0);
      if (!submitted[0] && told.getOrDefault(1L, 0) == 16 * LARGE) {
        assertThat(port.send(pair.handle(), last, 2)).isPositive();
        submitted[0] = true;
      }
      readInto(pair.far(), in, come);
      return come.size() == wanted.size();
    });
    assertThat(come.toArray()).isEqualTo(wanted.toArray());
    assertThat(next(Operation.SEND, 1).result()).isEqualTo(16 * LARGE);
    next(Operation.SEND, 2).buffer().release();
  }

  static void readInto(SocketChannel far, ByteBuffer in, Bytes come) {
    try {
      int count = far.read(in.clear());
      come.append(java.util.Arrays.copyOf(in.array(), Math.max(0, count)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shutdownGoesOutBehindTheBytesAndDoesNotWaitUntilThePeerHasReadThem() throws Exception {
    Stuck stuck = stuck(1);
    assertThat(port.shutdownOutput(stuck.pair.handle(), 2)).isPositive();
    assertThat(next(Operation.SHUTDOWN, 2).result()).isZero();
    assertThat(port.inFlight()).as("the send").isEqualTo(1);
    byte[] come = read(stuck.pair.far(), 17 * BUFFER_BYTES);
    Done sent = next(Operation.SEND, 1);
    assertThat(sent.result()).as("all that was taken came before the end").isEqualTo(come.length);
    stuck.release(sent);
  }

  @Test
  void cancelledSendEndsAsSoonAsADescriptorCanBeLent() throws Exception {
    Stuck stuck = stuck(1);
    UringDirectTest.withoutDescriptors(() -> {
      assertThat(port.cancel(stuck.operation)).isTrue();
      for (int i = 0; i < 4; i++) {
        take(SHORT);
      }
      assertThat(waiting.size()).isEqualTo(direct ? 0 : 1);
      return null;
    });
    stuck.release(next(Operation.SEND, 1));
    assertThat(port.inFlight()).isZero();
    close(stuck.pair.handle());
  }

  /** The kernel meets the wish behind a send of which it has taken a part. */
  @Test
  void wishThatIsSubmittedTogetherWithItsSendEndsItAlthoughThePeerNeverReads() throws Exception {
    Stuck stuck = submitted(1);
    assertThat(port.cancel(stuck.operation)).isTrue();
    stuck.release(next(Operation.SEND, 1));
    assertThat(port.inFlight()).isZero();
    close(stuck.pair.handle());
  }

  @Test
  void cancelledSendsOfManyConnectionsAllEndAndSoDoesWhatWaitsBehindThem() throws Exception {
    Stuck[] all = new Stuck[20];
    for (int i = 0; i < all.length; i++) {
      all[i] = stuck(i);
    }
    for (int i = 0; i < all.length; i++) {
      assertThat(port.cancel(all[i].operation)).isTrue();
      assertThat(port.shutdownOutput(all[i].pair.handle(), 100 + i)).isPositive();
    }
    Wait.until("all have ended", () -> {
      take(SHORT);
      return port.inFlight() == 0;
    });
    assertThat(waiting).hasSize(2 * all.length);
    while (!waiting.isEmpty()) {
      Done done = waiting.remove();
      if (done.operation() == Operation.SEND) {
        all[(int) done.token()].release(done);
      }
    }
    for (Stuck each : all) {
      // A FIN would say that all bytes have come.
      assertThatThrownBy(() -> read(each.pair.far(), each.buffers.length * BUFFER_BYTES))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }
}
