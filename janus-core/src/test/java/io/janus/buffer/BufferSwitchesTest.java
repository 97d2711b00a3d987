package io.janus.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.ChildJvm;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The switches that watch raw views and leaks, which a JVM has from its start. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BufferSwitchesTest {

  @Test
  void guardRevokesRawViewsWhenTheBufferIsGivenAwayOrReleased() throws Exception {
    assertThat(run("-Dio.janus.buffer.guard=true"))
        .contains("owned: 11", "given away: refused", "given away, as ByteBuffer: refused",
            "given back: reads 1", "released: refused");
  }

  @Test
  void withoutGuardRawViewsAreNotWatched() throws Exception {
    assertThat(run()).contains("owned: 11", "given away: reads 1", "given back: reads 1");
  }

  @Test
  void leaksNameThePlaceWhereTheBufferWasAcquired() throws Exception {
    List<String> told = run("-Dio.janus.buffer.leaks=true");
    assertThat(told).contains("close: 1 buffer was never released");
    assertThat(told).filteredOn(line -> line.startsWith("acquired at: "))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("acquireAndForget"));
  }

  @Test
  void withoutLeaksTheMessageNamesTheSwitch() throws Exception {
    assertThat(run()).noneMatch(line -> line.startsWith("acquired at: "))
        .anyMatch(line -> line.startsWith("close: 1 buffer ")
            && line.contains("-Dio.janus.buffer.leaks=true"));
  }

  private static List<String> run(String... options) throws Exception {
    ChildJvm.Ended ended =
        ChildJvm.run(List.of(), List.of(options), BufferSwitchesChild.class);
    assertThat(ended.code()).as(ended.output()).isZero();
    return ended.output().lines().toList();
  }
}
