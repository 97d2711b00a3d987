package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Wait;
import io.janus.ffi.call.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Several threads dequeue from one completion port, as it was meant to be used. Janus's own ports have one thread; this shows that
 * nothing in the system stands against the other way.
 */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SharedDequeueTest {
  private static final int THREADS = 4;
  private static final int POSTS = 4_000;
  private static final int CONNECTIONS = 8;
  private static final int RECEIVES = 100;
  private static final long END_KEY = -1;

  // One receive's memory: OVERLAPPED, WSABUF, flags, one byte.
  private static final int BUFFER_AT = 32;
  private static final int FLAGS_AT = 48;
  private static final int BYTE_AT = 56;
  private static final int CELL_BYTES = 64;

  private final Loopback net = new Loopback();
  private final AtomicInteger taken = new AtomicInteger();

  @AfterEach
  void close() {
    net.close();
  }

  /** Handles one packet on the thread that has dequeued it. */
  private interface Work {
    void take(Errno errno, long key, long overlapped);
  }

  @Test
  void everyPacketIsTakenOnceByOneOfTheThreads() throws Exception {
    AtomicIntegerArray seen = new AtomicIntegerArray(POSTS);
    ConcurrentHashMap<Thread, Integer> takers = new ConcurrentHashMap<>();
    // Each holds its first packet until all have one, so that none can take everything.
    CyclicBarrier allHaveOne = new CyclicBarrier(THREADS);
    List<Thread> threads = start((errno, key, overlapped) -> {
      seen.incrementAndGet((int) key);
      if (takers.merge(Thread.currentThread(), 1, Integer::sum) == 1) {
        await(allHaveOne);
      }
    });
    for (int i = 0; i < POSTS; i++) {
      assertThat(Ioapiset.postQueuedCompletionStatus(net.errno, net.port, 0, i, 0)).isZero();
    }
    end(threads, POSTS);
    assertThat(takers).hasSize(THREADS);
    for (int i = 0; i < POSTS; i++) {
      assertThat(seen.get(i)).as("packet %d", i).isOne();
    }
  }

  @Test
  void receivesOfSeveralConnectionsGoOnOverTheThreadsAndEachKeepsItsOrder() throws Exception {
    MemorySegment cells = net.arena.allocate(CONNECTIONS * CELL_BYTES, CELL_BYTES);
    MemorySegment shared = MemorySegment.ofAddress(cells.address())
        .reinterpret(cells.byteSize());
    long[] near = new long[CONNECTIONS];
    long[] far = new long[CONNECTIONS];
    AtomicIntegerArray next = new AtomicIntegerArray(CONNECTIONS);
    AtomicInteger outOfOrder = new AtomicInteger();
    for (int i = 0; i < CONNECTIONS; i++) {
      net.connect();
      near[i] = net.near;
      far[i] = net.far;
      net.associate(near[i], i);
    }
    List<Thread> threads = start((errno, key, overlapped) -> {
      int connection = (int) key;
      long cell = (long) connection * CELL_BYTES;
      // One receive of a connection is in flight at a time, so its next byte is nobody else's.
      int expected = next.getAndIncrement(connection);
      boolean right = Overlapped.status(shared, cell) == 0 && Overlapped.count(shared, cell) == 1
          && shared.get(JAVA_BYTE, cell + BYTE_AT) == (byte) expected;
      outOfOrder.addAndGet(right ? 0 : 1);
      if (expected + 1 < RECEIVES) {
        receive(errno, shared, near[connection], cell);
      }
    });
    for (int i = 0; i < CONNECTIONS; i++) {
      receive(net.errno, shared, near[i], (long) i * CELL_BYTES);
    }
    MemorySegment out = net.arena.allocate(8);
    for (int n = 0; n < RECEIVES; n++) {
      for (long socket : far) {
        out.set(JAVA_BYTE, 0, (byte) n);
        assertThat(Winsock2.send(net.errno, socket, out, 0, 1)).isOne();
      }
    }
    end(threads, CONNECTIONS * RECEIVES);
    assertThat(outOfOrder).hasValue(0);
  }

  private static void receive(Errno errno, MemorySegment cells, long socket, long cell) {
    Overlapped.clear(cells, cell);
    Wsabuf.set(cells, cell + BUFFER_AT, 0, cells.address() + cell + BYTE_AT, 1);
    cells.set(JAVA_INT, cell + FLAGS_AT, 0);
    int result = Winsock2.wsaRecv(
        errno, socket, cells, cell + BUFFER_AT, 1, cell + FLAGS_AT, cell);
    assertThat(result).isIn(0, -WinError.ERROR_IO_PENDING);
  }

  private List<Thread> start(Work work) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(Thread.ofPlatform().start(() -> dequeue(work)));
    }
    return threads;
  }

  private void dequeue(Work work) {
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment entries = arena.allocate(OverlappedEntry.LAYOUT, 1);
      while (Ioapiset.getQueuedCompletionStatus(
          errno, net.port, entries, 0, Loopback.WAIT_MILLIS) == 1) {
        long key = OverlappedEntry.key(entries, 0);
        if (key == END_KEY) {
          return;
        }
        work.take(errno, key, OverlappedEntry.overlapped(entries, 0));
        taken.incrementAndGet();
      }
    }
  }

  /** Waits for all packets, then tells each thread to end. */
  private void end(List<Thread> threads, int packets) throws InterruptedException {
    Wait.until("all packets are taken", () -> taken.get() == packets);
    for (int i = 0; i < THREADS; i++) {
      Ioapiset.postQueuedCompletionStatus(net.errno, net.port, 0, END_KEY, 0);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(net.isIdle()).isTrue();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
