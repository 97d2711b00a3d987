package io.janus.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.janus.ffi.call.NativeMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BufferPoolTest {

  @Test
  void poolGivesAsManyBuffersAsItsBoundAndThenNull() {
    try (BufferPool pool = new BufferPool(1000, 10_500)) {
      List<Buffer> all = drain(pool);
      assertThat(all).hasSizeBetween(9, 10);
      assertThat(pool.acquire()).isNull();
      assertThat(pool.outstanding()).isEqualTo(all.size());
      assertThat(pool.mappedBytes()).as("mapped").isLessThanOrEqualTo(10_500);
      all.getFirst().release();
      Buffer again = pool.acquire();
      assertThat(again).isNotNull();
      assertThat(again.capacity()).isEqualTo(1000);
      again.release();
      all.subList(1, all.size()).forEach(Buffer::release);
    }
  }

  /** Also where what is left of the bound holds some neighbours, and then one more alone. */
  @ParameterizedTest
  @CsvSource({
    "16384,32768", "16384,32832", "16384,1048576", "16384,4300000", "1024,262144", "1000,10500",
    "64,127",
    "64,128", "64,256", "64,8388608", "1048576,4194304"
  })
  void poolMapsNoMoreThanItsBoundAndGivesAsManyBuffersAsItSays(int size, int bound) {
    try (BufferPool pool = new BufferPool(size, bound)) {
      List<Buffer> all = drain(pool);
      assertThat(all).hasSize(pool.capacity()).hasSizeGreaterThanOrEqualTo(bound / (size + 64));
      assertThat(pool.mappedBytes()).isLessThanOrEqualTo(bound).isGreaterThan(bound - size - 64);
      all.forEach(Buffer::release);
    }
  }

  @Test
  void boundOfSoManyBuffersHoldsThemAndNotOneMore() {
    for (int buffers : new int[] {1, 2, 63, 64, 65, 200}) {
      try (BufferPool pool = new BufferPool(16384, BufferPool.bytesOf(16384, buffers))) {
        assertThat(pool.capacity()).isEqualTo(buffers);
      }
    }
  }

  @Test
  void boundOfWhatThePoolRefusesIsRefused() {
    for (int size : new int[] {Integer.MIN_VALUE, -1, 0, 63, (16 << 20) + 1, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> BufferPool.bytesOf(size, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("size " + size + " bytes is outside 64 to 16777216");
    }
    for (int buffers : new int[] {Integer.MIN_VALUE, -1, 0}) {
      assertThatThrownBy(() -> BufferPool.bytesOf(64, buffers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("pool of " + buffers + " buffers");
    }
    assertThat(BufferPool.bytesOf(16 << 20, Integer.MAX_VALUE))
        .isEqualTo(((16L << 20) + 64) * Integer.MAX_VALUE - 64);
  }

  @Test
  void poolOfTwoBuffersHoldsTwo() {
    try (BufferPool pool = new BufferPool(16384, 2 * 16384)) {
      assertThat(pool.capacity()).isEqualTo(2);
    }
  }

  @Test
  void nothingIsMappedBeforeTheFirstBufferAndAllIsUnmappedAtClose() {
    long before = NativeMemory.mappedBytes();
    BufferPool pool = new BufferPool(4096, 1 << 24);
    assertThat(pool.mappedBytes()).isZero();
    List<Buffer> all = drain(pool);
    assertThat(NativeMemory.mappedBytes() - before).isEqualTo(pool.mappedBytes()).isPositive();
    all.forEach(Buffer::release);
    pool.close();
    pool.close();
    assertThat(NativeMemory.mappedBytes()).isEqualTo(before);
    assertThatThrownBy(pool::acquire).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void closeWithABufferOutThrowsAndKeepsItsMemory() {
    BufferPool pool = new BufferPool(64, 128);
    Buffer out = pool.acquire();
    assertThatThrownBy(pool::close).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 buffer was never released")
        .hasMessageContaining("io.janus.buffer.leaks");
    assertThat(out.putInt(1).getInt()).isEqualTo(1);
    out.release();
    pool.close();
  }

  @Test
  void acquireAndCloseOnAnotherThreadAreRefusedAndChangeNothing() throws Exception {
    try (BufferPool pool = new BufferPool(64, 64 * 4)) {
      pool.acquire().release(); // Free buffers and mapped chunks are there for the taking.
      long mapped = pool.mappedBytes();
      List<Throwable> thrown = new ArrayList<>();
      Thread other = Thread.ofPlatform().name("stranger").start(() -> {
        thrown.add(catchThrowable(pool::acquire));
        thrown.add(catchThrowable(pool::close));
      });
      other.join();
      assertThat(thrown).hasSize(2)
          .allSatisfy(
              refused -> assertThat(refused).isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("stranger"));
      assertThat(pool.mappedBytes()).isEqualTo(mapped).isPositive();
      assertThat(pool.outstanding()).isZero();
      pool.acquire().release();
    }
  }

  @Test
  void closeWithOneBufferOutKeepsEveryChunkUntilItIsHomeAndCloseIsCalledAgain() {
    BufferPool pool = new BufferPool(1 << 20, 4 << 20);
    List<Buffer> all = drain(pool);
    long mapped = pool.mappedBytes();
    all.subList(1, all.size()).forEach(Buffer::release);
    assertThatThrownBy(pool::close).isInstanceOf(IllegalStateException.class);
    assertThat(pool.mappedBytes()).isEqualTo(mapped);
    all.getFirst().release();
    pool.close();
    assertThat(pool.mappedBytes()).isZero();
  }

  @Test
  void buffersDoNotOverlap() {
    try (BufferPool pool = new BufferPool(64, 64 * 200)) {
      List<Buffer> all = drain(pool);
      for (int i = 0; i < all.size(); i++) {
        while (all.get(i).writable() > 0) {
          all.get(i).putByte((byte) i);
        }
      }
      for (int i = 0; i < all.size(); i++) {
        for (byte value : all.get(i).copyOut()) {
          assertThat(value).isEqualTo((byte) i);
        }
      }
      all.forEach(Buffer::release);
    }
  }

  @Test
  void acquiredBufferIsEmptyWhateverItWasBefore() {
    try (BufferPool pool = new BufferPool(64, 64 + 64)) {
      Buffer first = pool.acquire();
      first.putLong(1).limit(9);
      first.release();
      Buffer second = pool.acquire();
      assertThat(second.readable()).isZero();
      assertThat(second.writable()).isEqualTo(64);
      second.release();
    }
  }

  @Test
  void randomAcquiresAndReleasesNeverGiveOneBufferToTwo() {
    SplittableRandom random = new SplittableRandom(11);
    try (BufferPool pool = new BufferPool(64, 64 * 50)) {
      Set<Buffer> out = Collections.newSetFromMap(new IdentityHashMap<>());
      Queue<Buffer> order = new ArrayDeque<>();
      for (int i = 0; i < 20_000; i++) {
        Buffer buffer = random.nextBoolean() ? pool.acquire() : null;
        if (buffer != null) {
          assertThat(out.add(buffer)).isTrue();
          order.add(buffer);
        } else if (!order.isEmpty()) {
          out.remove(order.peek());
          order.remove().release();
        }
        assertThat(pool.outstanding()).isEqualTo(out.size());
      }
      order.forEach(Buffer::release);
    }
  }

  @Test
  void buffersReleasedByOtherThreadsComeBack() throws Exception {
    try (BufferPool pool = new BufferPool(64, 64 * 32)) {
      int rounds = 50_000;
      ArrayBlockingQueue<Buffer> handed = new ArrayBlockingQueue<>(32);
      Runnable releaser = () -> {
        try {
          for (int i = 0; i < rounds / 2; i++) {
            handed.take().release();
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      };
      Thread one = Thread.ofPlatform().start(releaser);
      Thread two = Thread.ofPlatform().start(releaser);
      for (int given = 0; given < rounds;) {
        Buffer buffer = pool.acquire();
        if (buffer == null) {
          Thread.onSpinWait();
        } else {
          buffer.putInt(given++);
          handed.put(buffer);
        }
      }
      one.join();
      two.join();
      assertThat(pool.outstanding()).isZero();
    }
  }

  @Test
  void badSizesAreRefusedWithTheirBounds() {
    assertThatThrownBy(() -> new BufferPool(63, 1000)).hasMessageContaining("63");
    assertThatThrownBy(() -> new BufferPool(17 << 20, 1L << 40)).hasMessageContaining("16777216");
    assertThatThrownBy(() -> new BufferPool(64, 63)).hasMessageContaining("63");
  }

  private static List<Buffer> drain(BufferPool pool) {
    List<Buffer> all = new ArrayList<>();
    for (Buffer buffer = pool.acquire(); buffer != null; buffer = pool.acquire()) {
      all.add(buffer);
    }
    return all;
  }
}
