package io.janus.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Engine;
import io.janus.contract.ChildJvm;
import io.janus.contract.EngineNames;
import io.janus.contract.Refusal;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In the steady state a loop's thread allocates nothing, counted by the JVM.
 *
 * <p>Each measurement is a JVM of its own. The linker slices the errno segment in every call (SharedUtils.checkCaptureSegment of
 * the JDK), 40 bytes that the compiler removes where it has inlined the call whole. In some JVMs it has not, and the slices were
 * seen to stay; so up to three are asked, and the best of them must show that the engine itself allocates nothing.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class AllocationTest {
  private static final int JVMS = 3;
  private static final long NEARLY_NOTHING = 1024;
  private static final long SLICE_BYTES = 40;

  static List<String> engines() {
    return EngineNames.ofThisSystem();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void steadyStateAllocatesNothingPerMessage(String engine) throws Exception {
    String refusal = Engine.valueOf(engine.toUpperCase(Locale.ROOT)).refusal();
    Refusal.skipIf(refusal);
    long least = Long.MAX_VALUE;
    for (int i = 0; i < JVMS && least > NEARLY_NOTHING; i++) {
      ChildJvm.Ended ended = ChildJvm.run(AllocationProbe.class, engine);
      assertThat(ended.code()).as(ended.output()).isZero();
      long bytes = Long.parseLong(ended.output().replaceAll("(?s).*bytes=(\\d+).*", "$1"));
      long messages = Long.parseLong(ended.output().replaceAll("(?s).*messages=(\\d+).*", "$1"));
      assertThat(bytes).as("no more than what the linker itself may leave")
          .isLessThanOrEqualTo(3 * SLICE_BYTES * messages + NEARLY_NOTHING);
      least = Math.min(least, bytes);
    }
    assertThat(least).as("bytes allocated in the steady state").isLessThanOrEqualTo(NEARLY_NOTHING);
  }
}
