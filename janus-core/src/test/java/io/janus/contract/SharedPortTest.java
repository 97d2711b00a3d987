package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.SharedPort;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;

/** A shared port under test, on a port of the backend that its own thread opens. */
class SharedPortTest extends ContractTest {
  static final String OWNER = "owner-under-test";
  static final int BUFFER_BYTES = 8192;
  static final long SOON = TimeUnit.SECONDS.toNanos(20);

  /** A world of the owner's thread, so that all that it needs is made and freed there. */
  static final class WorldBelow implements SharedPort.Foundation {
    private final Worlds.Entry entry;
    private final Limits limits;
    private World below;
    private BufferPool buffers;

    WorldBelow(Worlds.Entry entry, Limits limits) {
      this.entry = entry;
      this.limits = limits;
    }

    @Override
    public CompletionPort open() throws OsException {
      below = entry.maker().get();
      buffers = new BufferPool(limits.bufferBytes(), limits.poolBytes());
      return below.port(buffers, limits, new Counters());
    }

    @Override
    public void free() {
      try {
        // Throws if a buffer has not come home: the leak check of every test here.
        buffers.close();
      } finally {
        below.close();
      }
    }
  }

  final Completions one = new Completions(1);

  /** The test's own buffers. */
  BufferPool pool;

  SharedPort port;

  @BeforeEach
  void openPort() throws OsException {
    pool = use(new BufferPool(BUFFER_BYTES, BufferPool.bytesOf(BUFFER_BYTES, 64)));
    port = use(open(queue(), Limits.defaults()));
  }

  int queue() {
    return 1024;
  }

  final SharedPort open(int queue, Limits limits) throws OsException {
    return SharedPort.open(OWNER, queue, limits, new WorldBelow(entry, limits));
  }

  final long adopt(SocketPair pair) {
    long handle = port.adopt(pair.giveNear());
    assertThat(handle).isPositive();
    return handle;
  }

  final Buffer acquire(String text) {
    return Objects.requireNonNull(pool.acquire()).copyIn(Bytes.of(text));
  }

  /** Takes the next completion into {@link #one}; it must be this operation's last. */
  final void next(Operation operation, long token) throws InterruptedException {
    assertThat(port.take(one, SOON)).isEqualTo(1);
    assertThat(one.operation(0)).isEqualTo(operation);
    assertThat(one.token(0)).isEqualTo(token);
    assertThat(one.more(0)).isFalse();
  }

  final void next(Operation operation, long token, int result) throws InterruptedException {
    next(operation, token);
    assertThat(one.result(0)).isEqualTo(result);
  }

  /** The bytes of the completion taken last; gives its buffer back. */
  final String text() {
    Buffer buffer = Objects.requireNonNull(one.buffer(0));
    String text = new String(buffer.copyOut());
    buffer.release();
    return text;
  }

  /** Waits until so many completions wait for workers. */
  final void untilWaiting(int completions) {
    Wait.until(completions + " completions wait", () -> port.waiting() == completions);
  }

  /** Waits until the newest owner's thread has gone to sleep, at the lock and not in the kernel. */
  static void untilOwnerRests() {
    Thread owner = Thread.getAllStackTraces()
        .keySet()
        .stream()
        .filter(thread -> thread.getName().equals(OWNER))
        .max(Comparator.comparingLong(Thread::threadId))
        .orElseThrow();
    Wait.until("the owner rests", () -> owner.getState() == Thread.State.WAITING);
  }
}
