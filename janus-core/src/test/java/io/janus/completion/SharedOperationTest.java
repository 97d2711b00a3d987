package io.janus.completion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedOperationTest {
  @Test
  void sumOfASendsPartsIsNeverTakenForAnError() {
    SharedOperation send = new SharedOperation(0);
    send.begin(Operation.SEND, 1, 1);
    assertThat(send.sum(0x7fff_f000, true)).isEqualTo(0x7fff_f000);
    assertThat(send.sum(0x7fff_f000, true)).isEqualTo(Integer.MAX_VALUE);
    assertThat(send.sum(4096, false)).isEqualTo(Integer.MAX_VALUE);
    send.begin(Operation.SEND, 1, 1);
    assertThat(send.sum(7, true)).isEqualTo(7);
    assertThat(send.sum(5, false)).as("what the next use tells").isEqualTo(12);
    assertThat(send.sum(-32, false)).isEqualTo(-32);
  }
}
