package io.janus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.limit.Limits;
import io.janus.socket.SystemLimits;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The bound of connections, and sentences that are true for whoever asked: in a program as on the command line. */
class ConnectionLimitTest {
  private static final int SPARE = 64;

  private final long descriptors = SystemLimits.read().descriptors();

  @Test
  void tableIsAsLargeAsTheProcessMayHaveDescriptors() {
    assertThat(ConnectionLimit.tableSize(5)).isEqualTo(5);
    assertThat(ConnectionLimit.tableSize(1 << 21)).isEqualTo(1 << 20);
    assertThat(ConnectionLimit.tableSize(-1)).as("without a limit").isEqualTo(1 << 20);
  }

  @Test
  void askingForNoNumberGivesWhatTheDescriptorsAllow() {
    assumeTrue(isBounded(), "no limit of descriptors that a count could reach");
    assertThat(ConnectionLimit.of(EngineOptions.defaults(), 1, false))
        .isEqualTo(descriptors - SPARE);
    assertThat(ConnectionLimit.of(direct(), 3, true)).isEqualTo(3 * descriptors);
  }

  @Test
  void oneMoreThanPossibleIsToldWithWhatIsPossible() {
    assumeTrue(isBounded(), "no limit of descriptors that a count could reach");
    int most = (int) descriptors - SPARE;
    assertThat(ConnectionLimit.of(with(EngineOptions.defaults(), most), 1, false)).isEqualTo(most);
    assertThatThrownBy(() -> ConnectionLimit.of(with(EngineOptions.defaults(), most + 1), 1, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            grouped(most + 1L) + " connections", "the " + grouped(most) + " that are possible",
            grouped(descriptors) + " descriptors", "ulimit -n", "direct descriptors")
        .hasMessageNotContaining("--");
    int table = (int) descriptors;
    assertThatThrownBy(() -> ConnectionLimit.of(with(direct(), table + 1), 1, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            grouped(table + 1L) + " connections", grouped(table) + " for each of 1 loop)",
            "more loops")
        .hasMessageNotContaining("--");
  }

  /** An idle connection on completion holds an operation, and a quarter of them is kept for sends. */
  @Test
  void moreConnectionsThanOperationsHaveRoomForAreToldWithBothLimits() {
    EngineOptions few =
        EngineOptions.defaults().withLimits(Limits.defaults().withOperations(16));
    assertThat(ConnectionLimit.of(few, 2, true)).isEqualTo(24);
    Limits wished = few.limits().withConnections(24);
    assertThat(ConnectionLimit.of(few.withLimits(wished), 2, true)).isEqualTo(24);
    assertThat(ConnectionLimit.of(few.withLimits(wished.withConnections(25)), 2, false))
        .as("readiness holds no operation")
        .isEqualTo(25);
    assertThatThrownBy(
        () -> ConnectionLimit.of(few.withLimits(wished.withConnections(25)), 2, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "25 connections", "above the 24", "limit of 16 operations", "12 for each of 2 loops",
            "raise the limit of operations");
  }

  /** The number may be raised only where a greater one would be taken. */
  @Test
  void reachedLimitNamesTheRemedyThatHelps() {
    assumeTrue(isBounded(), "no limit of descriptors that a count could reach");
    int most = (int) descriptors - SPARE;
    EngineOptions any = EngineOptions.defaults();
    assertThat(ConnectionLimit.whenReached(with(any, most - 1), 1, Engine.EPOLL)).isEmpty();
    for (EngineOptions atMost : new EngineOptions[] {any, with(any, most)}) {
      assertThat(ConnectionLimit.whenReached(atMost, 1, Engine.EPOLL))
          .contains("the " + grouped(descriptors) + " descriptors", "beside 64", "ulimit -n")
          .doesNotContain("direct", "max-connections");
      assertThat(ConnectionLimit.whenReached(atMost, 1, Engine.URING)).contains("ulimit -n",
          "use direct descriptors");
    }
    assertThat(ConnectionLimit.whenReached(direct(), 2, Engine.URING))
        .contains("tables of direct descriptors (" + grouped(descriptors) + " for each of 2 loops)",
            "use more loops, raise `ulimit -n`");
    EngineOptions few = any.withLimits(Limits.defaults().withOperations(16));
    assertThat(ConnectionLimit.whenReached(few, 2, Engine.EMULATED))
        .contains("limit of 16 operations (12 connections for each of 2 loops",
            "raise the limit of operations")
        .doesNotContain("descriptors");
    assertThat(ConnectionLimit.whenReached(with(few, 23), 2, Engine.EMULATED)).isEmpty();
  }

  private boolean isBounded() {
    return descriptors > 2 * SPARE && descriptors < 1 << 20;
  }

  private static EngineOptions direct() {
    return EngineOptions.defaults().withDirectDescriptors(true);
  }

  private static EngineOptions with(EngineOptions options, int connections) {
    return options.withLimits(Limits.defaults().withConnections(connections));
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
