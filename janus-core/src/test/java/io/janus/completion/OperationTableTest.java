package io.janus.completion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OperationTableTest {

  @Test
  void operationIsFoundByItsNameUntilItIsReleasedAndNeverAgain() {
    OperationTable table = new OperationTable(16);
    int slot = table.take(Operation.RECEIVE, 7, 8, null);
    long id = table.id(slot);
    assertThat(id).isPositive();
    assertThat(table.find(id)).isEqualTo(slot);
    assertThat(table.kind(slot)).isEqualTo(Operation.RECEIVE);
    assertThat(table.token(slot)).isEqualTo(7);
    assertThat(table.handle(slot)).isEqualTo(8);
    table.release(slot);
    assertThat(table.find(id)).isEqualTo(OperationTable.NONE);
    int again = table.take(Operation.SEND, 9, 10, null);
    assertThat(again).as("the slot is used again").isEqualTo(slot);
    assertThat(table.find(id)).isEqualTo(OperationTable.NONE);
    assertThat(table.id(again)).isNotEqualTo(id);
  }

  @Test
  void fullTableTakesNothing() {
    OperationTable table = new OperationTable(20);
    for (int i = 0; i < 20; i++) {
      assertThat(table.isFull()).isFalse();
      assertThat(table.take(Operation.SEND, i, i, null)).isNotNegative();
    }
    assertThat(table.isFull()).isTrue();
    assertThat(table.take(Operation.SEND, 99, 99, null)).isEqualTo(OperationTable.NONE);
    assertThat(table.inFlight()).isEqualTo(20);
  }

  @Test
  void strangeNamesFindNothing() {
    OperationTable table = new OperationTable(16);
    table.take(Operation.SEND, 1, 1, null);
    for (long id : new long[] {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32 | 0xffff}) {
      assertThat(table.find(id)).isEqualTo(OperationTable.NONE);
    }
  }

  @Test
  void behavesLikeAMapUnderRandomTakesAndReleases() {
    SplittableRandom random = new SplittableRandom(5);
    OperationTable table = new OperationTable(300);
    Map<Long, Long> model = new HashMap<>();
    List<Long> live = new ArrayList<>();
    Set<Long> ever = new HashSet<>();
    for (int i = 0; i < 30_000; i++) {
      if (random.nextInt(100) < 52) {
        int slot = table.take(Operation.SEND, i, i, null);
        assertThat(slot == OperationTable.NONE).isEqualTo(model.size() == 300);
        if (slot != OperationTable.NONE) {
          assertThat(ever.add(table.id(slot))).as("a name is never used twice").isTrue();
          model.put(table.id(slot), (long) i);
          live.add(table.id(slot));
        }
      } else if (!live.isEmpty()) {
        long id = live.remove(random.nextInt(live.size()));
        assertThat(table.token(table.find(id))).isEqualTo(model.remove(id));
        table.release(table.find(id));
      }
      assertThat(table.inFlight()).isEqualTo(model.size());
    }
  }
}
