package io.janus.readiness.afd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The set of registered sockets, held against a plain one; on every system. */
class AfdSocketSetTest {

  @Test
  void holdsWhatAPlainSetHoldsAfterAnyNumberOfSteps() {
    Random random = new Random(5);
    for (int span : new int[] {20, 300, 100_000}) {
      AfdSocketSet set = new AfdSocketSet();
      Set<Long> plain = new HashSet<>();
      for (int step = 0; step < 20_000; step++) {
        long socket = 4L * random.nextInt(span);
        if (random.nextBoolean()) {
          assertThat(set.add(socket)).isEqualTo(plain.add(socket));
        } else {
          assertThat(set.contains(socket)).isEqualTo(plain.contains(socket));
          set.remove(socket);
          plain.remove(socket);
        }
        assertThat(set.size()).isEqualTo(plain.size());
      }
      for (long socket = 0; socket < 4L * span; socket += 4) {
        assertThat(set.contains(socket)).as("socket %d", socket).isEqualTo(plain.contains(socket));
      }
    }
  }
}
