package io.janus.completion.iocp;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.windows.WindowsConstant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The memory of operations, and the packets' times; numbers and memory only, so on every system. */
class OverlappedSlabTest {
  private final long mappedBefore = NativeMemory.mappedBytes();
  private final OverlappedSlab slab = new OverlappedSlab(64);

  @AfterEach
  void everythingIsUnmapped() {
    slab.close();
    assertThat(NativeMemory.mappedBytes()).isEqualTo(mappedBefore);
  }

  @Test
  void cellsNeverMoveAndNeverOverlap() {
    Set<Long> lines = new HashSet<>();
    long[] addresses = new long[3_000];
    for (int i = 0; i < addresses.length; i++) {
      assertThat(slab.reaches(i)).isTrue();
      addresses[i] = slab.address(i);
      assertThat(lines.add(addresses[i] / 64)).isTrue();
      assertThat(addresses[i] % 64).as("one cache line each").isZero();
    }
    for (int i = 0; i < addresses.length; i++) {
      assertThat(slab.address(i)).isEqualTo(addresses[i]);
    }
  }

  @Test
  void writeToACellThatIsOverIsFoundWhenItIsUsedAgain() {
    slab.reaches(7);
    slab.prepare(7);
    assertThat(slab.chunk(7).get(JAVA_LONG, slab.at(7))).isZero();
    slab.poison(7);
    slab.prepare(7);
    slab.poison(7);
    slab.chunk(7).set(JAVA_LONG, slab.at(7) + 8, 0);
    assertThatThrownBy(() -> slab.prepare(7)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was over");
  }

  @Test
  void cellInUseCannotBePreparedAgain() {
    slab.reaches(0);
    slab.prepare(0);
    assertThatThrownBy(() -> slab.prepare(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void cellsThatNumberThemselvesAreUsedAgain() {
    int first = slab.take();
    int second = slab.take();
    assertThat(second).isNotEqualTo(first);
    slab.give(first);
    assertThat(slab.take()).isEqualTo(first);
    assertThat(slab.take()).isNotIn(first, second);
  }

  @Test
  void waitsAreRoundedUpToMillisAndEndAtTheLongestThatIsNotForEver() {
    assertThat(CompletionEntries.millis(-1)).isEqualTo(WindowsConstant.INFINITE);
    assertThat(CompletionEntries.millis(0)).isZero();
    assertThat(CompletionEntries.millis(1)).isOne();
    assertThat(CompletionEntries.millis(1_000_000)).isOne();
    assertThat(CompletionEntries.millis(1_000_001)).isEqualTo(2);
    assertThat(CompletionEntries.millis(Long.MAX_VALUE)).isEqualTo(-2);
  }
}
