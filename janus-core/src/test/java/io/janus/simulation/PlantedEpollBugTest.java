package io.janus.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.ChildJvm;
import io.janus.readiness.epoll.EpollStaleChild;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Under the real poller stands the real kernel, which can be brought to tell of a registration that is over; no simulation is needed. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class PlantedEpollBugTest {
  /** {@code EpollRegistration.is} says yes to every generation. */
  private static final Planting EVERY_GENERATION =
      new Planting(
          "io/janus/readiness/epoll/EpollRegistration", "is", "(J)",
          code -> code.iconst_1().ireturn());

  @TempDir Path planted;

  @Test
  void aPollerThatSkipsTheGenerationCheckTellsAStranger() throws Exception {
    EVERY_GENERATION.into(planted);
    ChildJvm.Ended ended = ChildJvm.runWithFirst(List.of(planted), EpollStaleChild.class);
    assertThat(ended.output().lines()).as(ended.output()).containsExactly("told 77", "stale 0");
  }

  @Test
  void theTruePollerTellsNobodyAndCountsIt() throws Exception {
    ChildJvm.Ended ended = ChildJvm.run(EpollStaleChild.class);
    assertThat(ended.output().lines()).as(ended.output()).containsExactly("stale 1");
  }
}
