package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A ring without memory: what can be the reason depends on whose limit counts. */
class UringMemoryTest {
  private static final String ALL_USERS = "         0          0 4294967295\n";
  private static final long RING = 80 << 10;

  @Test
  void ofAnOrdinaryUserTheLimitIsNamedAndRaised() {
    assertThat(UringMemory.sentence(1 << 20, false, RING))
        .contains("too small for another ring (1024 KiB", "takes 80 KiB", "`ulimit -l`",
            "CAP_IPC_LOCK", "if it is large enough, the container or the machine");
  }

  @Test
  void whoIsExemptIsNotSentToTheLimit() {
    assertThat(UringMemory.sentence(1 << 20, true, RING))
        .contains("80 KiB", "does not count for a process with CAP_IPC_LOCK", "memory.max")
        .doesNotContain("ulimit");
  }

  @Test
  void norIsWhoHasNoLimit() {
    assertThat(UringMemory.sentence(-1, false, RING))
        .contains("locked memory is unlimited", "memory.max")
        .doesNotContain("ulimit", "CAP_IPC_LOCK");
  }

  @ParameterizedTest
  @CsvSource({"000001ffffffffff, true", "0000000000004000, true", "0000000000003fff, false",
    "0000000000000000, false", "ffffffffffffffff, true"})
  void theCapabilityIsThatOfTheProcess(String effective, boolean exempt) {
    String status =
        "Name:\tjava\nCapPrm:\t000001ffffffffff\nCapEff:\t" + effective + "\nSeccomp:\t0\n";
    assertThat(UringMemory.isExempt(status, ALL_USERS)).isEqualTo(exempt);
  }

  /** The kernel asks for the capability in the first namespace. */
  @Test
  void theRootOfAContainerWithItsOwnUsersIsNotExempt() {
    String status = "CapEff:\t000001ffffffffff\n";
    assertThat(UringMemory.isExempt(status, "         0     100000      65536\n")).isFalse();
    assertThat(UringMemory.isExempt(status, "")).isFalse();
    assertThat(UringMemory.isExempt("", ALL_USERS)).isFalse();
  }
}
