package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.limit.Limits;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Many more receives than buffers are lent, all of which look at once. */
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = true)
class UringDryTest extends UringTest {
  private static final int MANY = 6_000;

  @Override
  int poolBuffers() {
    return 4_096;
  }

  @Override
  Limits limits() {
    return Limits.defaults().withBatchEvents(512);
  }

  @Test
  void receivesThatFindNoBufferLeftGetOneInTheEnd() throws Exception {
    Pair[] pairs = pairs(MANY);
    for (int i = 0; i < MANY; i++) {
      repeat(pairs[i], i);
    }
    // Who has received once looks before it waits, so that all of these look in the submit.
    writeToAll(pairs);
    takeOneOfEach();
    writeToAll(pairs);
    for (int i = 0; i < MANY; i++) {
      repeat(pairs[i], i);
    }
    takeOneOfEach();
  }

  private void writeToAll(Pair[] pairs) throws IOException {
    for (Pair pair : pairs) {
      write(pair.far(), new byte[] {1});
    }
  }

  private void takeOneOfEach() {
    for (int i = 0; i < MANY; i++) {
      assertThat(next().bytes()).containsExactly(1);
    }
  }
}
