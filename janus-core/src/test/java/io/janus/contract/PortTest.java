package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;

/** A completion port under test, and its completions one by one. */
class PortTest extends ContractTest {
  static final long SHORT = TimeUnit.MILLISECONDS.toNanos(5);
  static final int BUFFER_BYTES = 8192;

  /** A completion, copied out of its batch. */
  record Done(Operation operation, long token, int result, boolean more, long handle,
      Buffer buffer) {
    String text() {
      return new String(bytes());
    }

    /** The received bytes; gives the buffer back. */
    byte[] bytes() {
      byte[] bytes = buffer.copyOut();
      buffer.release();
      return bytes;
    }
  }

  final Counters counters = new Counters();
  final Completions completions = new Completions(64);
  final Deque<Done> waiting = new ArrayDeque<>();
  final List<Long> handles = new ArrayList<>();
  BufferPool pool;
  CompletionPort port;

  @BeforeEach
  void openPort() throws OsException {
    pool = use(new BufferPool(BUFFER_BYTES, BufferPool.bytesOf(BUFFER_BYTES, 64)));
    port = use(world.port(pool, limits(), counters));
    use(this::releaseWaiting);
  }

  Limits limits() {
    return Limits.defaults();
  }

  /** The next completion, in the order in which the port gave them. */
  final Done next() {
    Wait.until("a completion comes", () -> {
      if (waiting.isEmpty()) {
        take(TimeUnit.SECONDS.toNanos(1));
      }
      return !waiting.isEmpty();
    }, world::letTimePass);
    return waiting.remove();
  }

  /** The next completion, which must be this operation's last. */
  final Done next(Operation operation, long token) {
    Done done = next();
    assertThat(done.operation()).as(done.toString()).isEqualTo(operation);
    assertThat(done.token()).isEqualTo(token);
    assertThat(done.more()).isFalse();
    return done;
  }

  /** No completion comes for a moment. */
  final void staysQuiet() {
    for (int i = 0; i < 4; i++) {
      world.letTimePass();
      take(TimeUnit.MILLISECONDS.toNanos(1));
    }
    assertThat(waiting).isEmpty();
  }

  final void take(long nanos) {
    take(completions, nanos);
  }

  final int take(Completions batch, long nanos) {
    int count = port.await(batch, nanos);
    assertThat(count).isEqualTo(batch.count());
    for (int i = 0; i < count; i++) {
      waiting.add(new Done(batch.operation(i), batch.token(i), batch.result(i), batch.more(i),
          batch.handle(i), batch.buffer(i)));
    }
    return count;
  }

  /** The near end of a pair, adopted by the port. */
  final long adopt(SocketPair pair) {
    long handle = port.adopt(pair.giveNear());
    assertThat(handle).isPositive();
    handles.add(handle);
    return handle;
  }

  final Buffer acquire() {
    return Objects.requireNonNull(pool.acquire());
  }

  final Buffer acquire(String text) {
    return acquire().copyIn(Bytes.of(text));
  }

  /** Sends all bytes of a buffer by as many sends as it takes, and gives the buffer back. */
  final void sendAll(long handle, Buffer buffer) {
    while (buffer.readable() > 0) {
      assertThat(port.send(handle, buffer, 1)).isPositive();
      assertThat(next(Operation.SEND, 1).result()).isPositive();
    }
    buffer.release();
  }

  private void releaseWaiting() {
    for (Done done : waiting) {
      if (done.buffer() != null) {
        done.buffer().release();
      }
    }
  }
}
