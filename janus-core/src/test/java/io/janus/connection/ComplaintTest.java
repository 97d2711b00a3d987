package io.janus.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.loop.EventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pace of reports, by a clock that a wait turns on. */
class ComplaintTest {
  private static final int SECONDS = 5;

  private final List<String> reports = new ArrayList<>();
  private long nanos;
  private long mostNanos;
  private final EventLoop loop = new EventLoop("loop under test", Limits.defaults(), () -> nanos,
      (sentence, cause) -> reports.add(sentence + (cause == null ? "" : " by " + cause)));
  private final Complaint complaint = new Complaint(loop, SECONDS);

  @BeforeEach
  void open() throws OsException {
    loop.open(made -> new Waiting());
  }

  @Test
  void theFirstIsToldAtOnceAndOthersOnceInThatTimeWithTheirNumber() {
    for (int i = 1; i <= 12; i++) {
      complaint.tell("nr " + i, null);
      pass(1);
    }
    assertThat(reports).containsExactly(
        "nr 1", "nr 6 (and 4 more since the last report)",
        "nr 11 (and 4 more since the last report)");
    pass(SECONDS);
    assertThat(reports).hasSize(4)
        .last()
        .isEqualTo("nr 12");
  }

  @Test
  void afterARestTheNextIsToldAtOnce() {
    complaint.tell("a", null);
    pass(SECONDS + 1);
    complaint.tell("b", new IllegalStateException("why"));
    assertThat(reports).containsExactly("a", "b by java.lang.IllegalStateException: why");
  }

  @Test
  void theEndTellsWhatWaits() {
    complaint.tell("a", null);
    complaint.tellRest();
    assertThat(reports).containsExactly("a");
    complaint.tell("b", null);
    complaint.tell("c", new IllegalStateException("why"));
    complaint.tellRest();
    assertThat(reports).containsExactly("a", "b", "c by java.lang.IllegalStateException: why");
  }

  /** A deadline is a tick of the timers late, so what is due in whole seconds comes in the next one. */
  private void pass(int seconds) {
    long end = nanos + TimeUnit.SECONDS.toNanos(seconds);
    while (nanos < end) {
      mostNanos = end - nanos;
      loop.turn();
    }
  }

  /** Nothing ever comes; the time passes. */
  private final class Waiting implements EventSource {
    @Override
    public int await(long timeoutNanos) {
      nanos += timeoutNanos < 0 ? mostNanos : Math.min(timeoutNanos, mostNanos);
      return 0;
    }

    @Override
    public void dispatch() {}

    @Override
    public void wake() {}

    @Override
    public void close() {}
  }
}
