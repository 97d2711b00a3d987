package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringParams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Looking for an end in the completion queue, on a queue that the test fills itself. */
class CompletionRingTest {
  private static final int ENTRIES = 4096;
  private static final long CQ_OFF_AT = 80;
  private static final int TAIL_AT = 4;
  private static final int MASK_AT = 8;
  private static final int CQES_AT = 64;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(CQES_AT + 16L * ENTRIES, 64);
  private final CompletionRing ring = ring();

  private CompletionRing ring() {
    MemorySegment params = arena.allocate(UringParams.BYTES, 8);
    params.set(JAVA_INT, CQ_OFF_AT + 4, TAIL_AT);
    params.set(JAVA_INT, CQ_OFF_AT + 8, MASK_AT);
    params.set(JAVA_INT, CQ_OFF_AT + 16, 12);
    params.set(JAVA_INT, CQ_OFF_AT + 20, CQES_AT);
    memory.set(JAVA_INT, MASK_AT, ENTRIES - 1);
    // The numbers are about to turn over.
    memory.set(JAVA_INT, 0, Integer.MAX_VALUE - ENTRIES / 2);
    memory.set(JAVA_INT, TAIL_AT, Integer.MAX_VALUE - ENTRIES / 2);
    return new CompletionRing(memory, params);
  }

  @AfterEach
  void free() {
    arena.close();
  }

  private void come(long name, int flags) {
    int tail = memory.get(JAVA_INT, TAIL_AT);
    long at = CQES_AT + 16L * (tail & ENTRIES - 1);
    memory.set(JAVA_LONG, at, name);
    memory.set(JAVA_INT, at + 8, (int) name);
    memory.set(JAVA_INT, at + 12, flags);
    memory.set(JAVA_INT, TAIL_AT, tail + 1);
  }

  @Test
  void cancelOfEverythingLooksAtEachEntryOnce() {
    for (int i = 1; i <= ENTRIES; i++) {
      come(i, i % 2 == 0 ? Uring.CQE_MORE : 0);
    }
    for (int i = 1; i <= ENTRIES; i++) {
      assertThat(ring.holdsLast(i)).as("operation %d", i).isEqualTo(i % 2 == 1);
      assertThat(ring.holdsLast(ENTRIES + i)).isFalse();
    }
    assertThat(ring.looks()).isEqualTo(ENTRIES);
  }

  @Test
  void endsAreForgottenAsTheyAreTakenAndFoundAsTheyCome() {
    come(7, 0);
    come(7, 0);
    come(8, 0);
    assertThat(ring.holdsLast(7)).isTrue();
    ring.advance();
    assertThat(ring.holdsLast(7)).as("one of two was taken").isTrue();
    ring.advance();
    assertThat(ring.holdsLast(7)).isFalse();
    assertThat(ring.holdsLast(8)).isTrue();
    ring.advance();
    assertThat(ring.holdsLast(8)).isFalse();
    come(9, 0);
    ring.advance();
    assertThat(ring.holdsLast(9)).as("taken before anybody asked").isFalse();
    // The same operation again, as one that the port has submitted anew.
    come(7, Uring.CQE_MORE);
    assertThat(ring.holdsLast(7)).isFalse();
    come(7, 0);
    assertThat(ring.holdsLast(7)).isTrue();
  }

  @Test
  void whatHasComeJustNowIsFoundAtOnce() {
    for (int i = 1; i < ENTRIES; i++) {
      come(i, 0);
      assertThat(ring.takeOutOfTurn(i, UringInstance.IGNORED, Integer.MIN_VALUE)).isEqualTo(i);
    }
    assertThat(ring.looks()).isEqualTo(ENTRIES - 1);
    assertThat(ring.takeOutOfTurn(5, UringInstance.IGNORED, -9)).as("taken before").isEqualTo(-9);
  }
}
