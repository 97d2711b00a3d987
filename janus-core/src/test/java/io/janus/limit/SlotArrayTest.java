package io.janus.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SlotArrayTest {

  @Test
  void whatIsInItStaysWhereItIsWhileItGrows() {
    SlotArray<Integer> array = new SlotArray<>();
    for (int i = 0; i < 3 * SlotArray.PIECE; i++) {
      if (i == array.length()) {
        array.grow();
      }
      array.set(i, i);
    }
    assertThat(array.length()).isEqualTo(3 * SlotArray.PIECE);
    for (int i = 0; i < array.length(); i++) {
      assertThat(array.get(i)).isEqualTo(i);
    }
  }

  @Test
  void anEmptiedPlaceHoldsNothing() {
    SlotArray<String> array = new SlotArray<>();
    array.grow();
    array.set(7, "seven");
    array.clear(7);
    assertThat(array.get(7)).isNull();
  }

  @Test
  void aPlaceBehindTheLengthIsRefused() {
    SlotArray<String> array = new SlotArray<>();
    assertThat(array.length()).isZero();
    assertThatThrownBy(() -> array.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
