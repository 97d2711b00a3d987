package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Refusal;
import io.janus.ffi.call.FaultSeam;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the calls of io_uring answer has words of io_uring, and what holds for a moment is asked again. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@Timeout(60)
class UringWordsTest {
  @BeforeEach
  void ringsWork() {
    Refusal.skipIf(UringProbe.refusal());
  }

  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  @ParameterizedTest
  @CsvSource({"4, io_uring_setup, EINTR, interrupted the call to io_uring 20 times",
    "4, io_uring_register, EINTR, interrupted the call to io_uring 20 times",
    "11, io_uring_setup, EAGAIN, no room for io_uring's request",
    "16, io_uring_register, EBUSY, was in use 20 times",
    "17, io_uring_register, EEXIST, belongs to another thread",
    "28, io_uring_setup, ENOSPC, what a user may have of io_uring",
    "28, io_uring_register, ENOSPC, what a user may have of io_uring",
    "12, io_uring_setup, KiB, memory"})
  void aRefusalHasWordsOfIoUring(int errno, String call, String name, String words) {
    // The ring's own registration is a step down, and that of its buffers is not.
    FaultSeam.install(
        (function, arguments) -> function.equals(call)
            && (function.equals("io_uring_setup") || (int) arguments[1] == 22)
                ? -errno
                : FaultSeam.Fault.PASS);
    assertThat(UringProbe.refusal()).contains(name, words)
        .doesNotContain("epoll", "socket", "same direction", "descriptor is registered");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 11, 12, 16})
  void whatHoldsForAMomentIsAskedAgain(int errno) {
    AtomicInteger calls = new AtomicInteger();
    FaultSeam.install(
        (function, arguments) -> function.startsWith("io_uring_")
            && calls.incrementAndGet() % 3 != 0 ? -errno : FaultSeam.Fault.PASS);
    assertThat(UringProbe.refusal()).isEmpty();
    assertThat(calls).hasValueGreaterThan(6);
  }
}
