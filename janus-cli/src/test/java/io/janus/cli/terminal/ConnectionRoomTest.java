package io.janus.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.janus.Engine;
import java.util.Arrays;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** Where no limit of descriptors bounds connections, as on Windows, the operations of the loops do. */
class ConnectionRoomTest {
  private static final ConnectionRoom UNBOUNDED =
      new ConnectionRoom(Integer.MAX_VALUE, wanted -> "ask for less");

  private static final LongFunction<String> WITH_LOOPS = number -> "--loops " + number;

  @Test
  void moreThanTheOperationsHaveRoomForIsToldWithTheLoopsThatHelp() {
    ConnectionRoom room = UNBOUNDED.withinOperations("emulated", 1, WITH_LOOPS);
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> room.check("--idle", 5_000_000, 0, ""))
        .withMessage(
            "--idle is 5,000,000; it must be from 0 to 3,145,728; those are what the operations of 1 loop have room for, 3,145,728 for"
                + " each: ask for fewer, or use --loops 2")
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE));
    // The remedy that it names is one.
    assertThatCode(
        () -> UNBOUNDED.withinOperations("emulated", 2, WITH_LOOPS)
            .check("--idle", 5_000_000, 0, ""))
        .doesNotThrowAnyException();
  }

  @Test
  void commandWithoutAnOptionForLoopsNamesNone() {
    ConnectionRoom room = UNBOUNDED.withinOperations("emulated", 1, number -> "").without(1);
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> room.check("--idle", 10_000_000, 0, "not measured"))
        .withMessageStartingWith(
            "--idle is 10,000,000; it must be from 0 (not measured) to 3,145,727; ")
        .withMessageEndingWith("ask for fewer");
  }

  /** Beyond what the process can hold more loops are no help. */
  @Test
  void loopsAreNoRemedyAboveTheRoomOfTheProcess() {
    ConnectionRoom room =
        new ConnectionRoom(4_000_000, wanted -> "").withinOperations("emulated", 1, WITH_LOOPS);
    assertThat(room.why().apply(4_000_000)).endsWith("ask for fewer, or use --loops 2");
    assertThat(room.why().apply(4_000_001)).endsWith("ask for fewer");
  }

  @Test
  void readinessHoldsNoOperationForAConnection() {
    Engine readiness =
        Arrays.stream(Engine.values())
            .filter(engine -> engine.isOfThisSystem() && engine.face().equals("readiness"))
            .findFirst()
            .orElseThrow();
    assertThat(UNBOUNDED.withinOperations(readiness.id(), 1, WITH_LOOPS)).isSameAs(UNBOUNDED);
  }

  @Test
  void roomThatIsSmallerAlreadyStaysAsItIs() {
    ConnectionRoom few = new ConnectionRoom(960, wanted -> "raise them with `ulimit -n`");
    assertThat(few.withinOperations("emulated", 1, WITH_LOOPS)).isSameAs(few);
  }
}
