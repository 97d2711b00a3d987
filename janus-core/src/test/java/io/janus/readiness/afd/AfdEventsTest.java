package io.janus.readiness.afd;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.windows.AfdPollInfo;
import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import org.junit.jupiter.api.Test;

/** What is asked of the device and what its answers mean; on every system. */
class AfdEventsTest {
  private static final int FAILURES =
      AfdPollInfo.ABORT | AfdPollInfo.CONNECT_FAIL | AfdPollInfo.LOCAL_CLOSE;

  @Test
  void everyPollHearsOfFailuresAndOfTheSocketsClose() {
    for (int interest = 0; interest < 8; interest++) {
      assertThat(AfdRegistration.events(interest) & FAILURES).isEqualTo(FAILURES);
      assertThat(AfdRegistration.events(interest) & AfdPollInfo.CONNECT)
          .as("every poll of a connected socket would end at once")
          .isZero();
    }
  }

  @Test
  void readAsksForTheEndAsWell() {
    assertThat(AfdRegistration.events(Interest.READ) & ~FAILURES)
        .isEqualTo(AfdPollInfo.RECEIVE | AfdPollInfo.ACCEPT | AfdPollInfo.DISCONNECT);
    assertThat(AfdRegistration.events(Interest.WRITE) & ~FAILURES).isEqualTo(AfdPollInfo.SEND);
    assertThat(AfdRegistration.events(Interest.URGENT) & ~FAILURES)
        .isEqualTo(AfdPollInfo.RECEIVE_EXPEDITED);
  }

  @Test
  void answersMeanWhatEpollWouldSay() {
    assertThat(AfdRegistration.bits(0)).isZero();
    assertThat(AfdRegistration.bits(AfdPollInfo.RECEIVE)).isEqualTo(Ready.READ);
    assertThat(AfdRegistration.bits(AfdPollInfo.ACCEPT)).isEqualTo(Ready.READ);
    assertThat(AfdRegistration.bits(AfdPollInfo.SEND)).isEqualTo(Ready.WRITE);
    assertThat(AfdRegistration.bits(AfdPollInfo.RECEIVE_EXPEDITED)).isEqualTo(Ready.URGENT);
    assertThat(AfdRegistration.bits(AfdPollInfo.DISCONNECT)).isEqualTo(Ready.READ | Ready.FIN);
    int failed = Ready.ERROR | Ready.READ | Ready.WRITE;
    assertThat(AfdRegistration.bits(AfdPollInfo.CONNECT_FAIL)).isEqualTo(failed);
    assertThat(AfdRegistration.bits(AfdPollInfo.ABORT)).isEqualTo(failed | Ready.FIN);
    assertThat(AfdRegistration.bits(AfdPollInfo.LOCAL_CLOSE)).isEqualTo(AfdState.CLOSED);
    assertThat(AfdRegistration.bits(AfdPollInfo.RECEIVE | AfdPollInfo.SEND))
        .isEqualTo(Ready.READ | Ready.WRITE);
  }

  @Test
  void failuresAreReportedWhateverIsWantedAndTheEndToReadersOnly() {
    int reader = AfdState.add(0, Interest.READ, false);
    int writer = AfdState.add(0, Interest.WRITE, false);
    int reset = AfdRegistration.bits(AfdPollInfo.ABORT);
    assertThat(AfdState.reported(reader, reset)).isEqualTo(reset);
    assertThat(AfdState.reported(writer, reset)).isEqualTo(reset & ~Ready.FIN);
    int end = AfdRegistration.bits(AfdPollInfo.DISCONNECT | AfdPollInfo.SEND);
    assertThat(AfdState.reported(reader, end)).isEqualTo(Ready.READ | Ready.FIN);
    assertThat(AfdState.reported(writer, end)).isEqualTo(Ready.WRITE);
  }
}
