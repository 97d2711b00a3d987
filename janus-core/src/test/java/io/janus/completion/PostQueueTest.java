package io.janus.completion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PostQueueTest {
  @Test
  void postsKeepTheirOrderThroughGrowthAndSmallBatches() {
    PostQueue queue = new PostQueue(100);
    Completions three = new Completions(3);
    int offered = 0;
    int taken = 0;
    for (int round = 0; round < 200; round++) {
      for (int i = 0; i < 5 && queue.offer(offered, -offered); i++) {
        offered++;
      }
      three.clear();
      queue.drainTo(three);
      for (int i = 0; i < three.count(); i++) {
        assertThat(three.token(i)).isEqualTo(taken);
        assertThat(three.result(i)).isEqualTo(-taken);
        taken++;
      }
    }
    assertThat(offered - taken).as("waiting, at the bound").isBetween(90, 100);
    assertThat(queue.isEmpty()).isFalse();
  }
}
