package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.contract.Footprint;
import io.janus.contract.Refusal;
import io.janus.contract.Wait;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.Parameter;

/**
 * A ring's port with a listener of its own. The other ends are channels of the JDK, which no part of the port can touch. After
 * each test every buffer, descriptor and mapped byte must have come back.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UringTest {
  static final int BUFFER_BYTES = 2048;
  static final long SHORT = TimeUnit.MILLISECONDS.toNanos(5);

  /** A completion, copied out of its batch. */
  record Done(Operation operation, long token, int result, boolean more, long handle,
      Buffer buffer) {

    /** The received bytes; gives the buffer back. */
    byte[] bytes() {
      byte[] bytes = buffer.copyOut();
      buffer.release();
      return bytes;
    }
  }

  /** A connection: the port's end by its handle, and the other end. */
  record Pair(long handle, SocketChannel far) {}

  @Parameter(0) boolean direct;

  final Counters counters = new Counters();
  final Deque<Done> waiting = new ArrayDeque<>();

  /** Bytes of sends in flight, by their tokens, that were told by completions with more; {@link Done} tells all of them with the last. */
  final Map<Long, Integer> told = new HashMap<>();

  Completions batch = new Completions(64);
  Sockets sockets;
  BufferPool pool;
  UringPort port;
  long listener;
  InetSocketAddress at;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Footprint before;

  @BeforeEach
  void openPort() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    if (direct) {
      Refusal.skipIf(UringProbe.directRefusal(1));
    }
    // The JDK keeps descriptors of its own from the first closed channel on.
    SocketChannel.open().close();
    before = Footprint.now();
    beforeOpening();
    sockets = use(Sockets.open(counters));
    pool = use(new BufferPool(BUFFER_BYTES, BufferPool.bytesOf(BUFFER_BYTES, poolBuffers())));
    port = use(open(limits()));
    use(this::releaseWaiting);
    long socket = listeningSocket(1024);
    at = addressOf(socket);
    listener = port.adopt(socket);
  }

  @AfterEach
  void everythingHasComeBack() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    if (before != null) {
      assertThat(Footprint.now()).as("descriptors and mapped bytes after the test")
          .isEqualTo(before);
    }
  }

  /** For what has to be in place before the port is opened. */
  void beforeOpening() throws Exception {}

  Limits limits() {
    return Limits.defaults();
  }

  int zeroCopyBytes() {
    return 0;
  }

  int poolBuffers() {
    return 1024;
  }

  int tableSize() {
    return 16_000;
  }

  final UringPort open(Limits limits) throws OsException {
    return UringPort.open(sockets, pool, limits, counters, direct ? tableSize() : 0,
        zeroCopyBytes());
  }

  final <T extends AutoCloseable> T use(T resource) {
    opened.push(resource);
    return resource;
  }

  final long listeningSocket(int backlog) {
    Address any = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
    long socket = sockets.open(any);
    assertThat(sockets.bind(socket, any)).isZero();
    assertThat(sockets.listen(socket, backlog)).isZero();
    return socket;
  }

  final InetSocketAddress addressOf(long socket) {
    int number = Objects.requireNonNull(sockets.localAddress(socket)).port();
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), number);
  }

  /** A connection that the port has accepted, by a descriptor of the kind under test. */
  final Pair pair() throws IOException {
    return accepted(use(SocketChannel.open(at)));
  }

  /** A connection whose other end takes a few kilobytes and no more, unless it is read. */
  final Pair slowPair() throws IOException {
    SocketChannel far = use(SocketChannel.open());
    far.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
    far.connect(at);
    return accepted(far);
  }

  private Pair accepted(SocketChannel far) {
    assertThat(port.accept(listener, 0, -77)).isPositive();
    Done accepted = next(Operation.ACCEPT, -77);
    assertThat(accepted.result()).isZero();
    return new Pair(accepted.handle(), far);
  }

  final Pair[] pairs(int count) throws IOException {
    Pair[] pairs = new Pair[count];
    for (int i = 0; i < count; i++) {
      pairs[i] = pair();
    }
    return pairs;
  }

  /** The next completion, in the order in which the port gave them. */
  final Done next() {
    Wait.until("a completion comes", () -> !waiting.isEmpty(),
        () -> take(TimeUnit.SECONDS.toNanos(1)));
    return waiting.remove();
  }

  final Done next(Operation operation, long token) {
    Done done = next();
    assertThat(done.operation()).as(done.toString()).isEqualTo(operation);
    assertThat(done.token()).as(done.toString()).isEqualTo(token);
    return done;
  }

  final int take(long nanos) {
    int count = port.await(batch, nanos);
    for (int i = 0; i < count; i++) {
      int result = batch.result(i);
      if (batch.operation(i) == Operation.SEND) {
        int before = told.getOrDefault(batch.token(i), 0);
        told.put(batch.token(i), result < 0 ? before : before + result);
        if (batch.more(i)) {
          continue;
        }
        result = result < 0 ? result : told.get(batch.token(i));
        told.remove(batch.token(i));
      }
      waiting.add(new Done(batch.operation(i), batch.token(i), result, batch.more(i),
          batch.handle(i), batch.buffer(i)));
    }
    return count;
  }

  /** No completion comes for a moment. */
  final void staysQuiet() {
    for (int i = 0; i < 4; i++) {
      take(SHORT);
    }
    assertThat(waiting).isEmpty();
  }

  final Buffer acquire() {
    return Objects.requireNonNull(pool.acquire());
  }

  static void write(SocketChannel far, byte[] bytes) throws IOException {
    ByteBuffer out = ByteBuffer.wrap(bytes);
    while (out.hasRemaining()) {
      far.write(out);
    }
  }

  static byte[] read(SocketChannel far, int bytes) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(bytes);
    while (in.hasRemaining() && far.read(in) >= 0) {
      // Goes on until all have come, or the end.
    }
    return java.util.Arrays.copyOf(in.array(), in.position());
  }

  final long repeat(Pair pair, long token) {
    long operation = port.receive(pair.handle(), CompletionPort.REPEAT, token);
    assertThat(operation).isPositive();
    return operation;
  }

  final void close(long handle) {
    assertThat(port.close(handle, -78)).isPositive();
    assertThat(next(Operation.CLOSE, -78).result()).isZero();
  }

  final void releaseWaiting() {
    for (Done done : waiting) {
      if (done.buffer() != null) {
        done.buffer().release();
      }
    }
    waiting.clear();
  }
}
