package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors and short counts of the calls that move bytes. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"epoll", "emulated"})
@EnabledOnOs(OS.LINUX)
class TransferFaultTest extends FaultTest {
  private static final byte[] PATTERN = Bytes.pattern(300_000, 8);

  @Test
  void signalsInEveryOtherCallChangeNothing() throws Exception {
    for (String function : List.of("epoll_wait", "recv", "send", "sendmsg", "accept4", "write")) {
      faults.on(function, (call, arguments) -> call % 2 == 1 ? Faults.EINTR : 0);
    }
    faults.install();
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    for (int i = 0; i < 3; i++) {
      assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    }
    assertThat(faults.injected()).isGreaterThan(20);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void spuriousWouldBlocksOnlyDelay() throws Exception {
    for (String function : List.of("recv", "send", "sendmsg", "accept4")) {
      faults.on(function, (call, arguments) -> call % 3 == 1 ? Faults.EAGAIN : 0);
    }
    Janus janus = open();
    faults.install();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void shortReceivesAndSendsKeepEveryByteAndTheOrder() throws Exception {
    SplittableRandom random = new SplittableRandom(9);
    Faults.Rule shorter = (call, arguments) -> {
      arguments[2] = 1 + random.nextLong((long) arguments[2]);
      return 0;
    };
    faults.on("recv", shorter).on("send", shorter);
    Janus janus = open();
    faults.install();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void sendsOfOneByteAtATimeArriveInOrder() throws Exception {
    faults.on("send", (call, arguments) -> {
      arguments[2] = Math.min(1L, (long) arguments[2]);
      return call % 5 == 0 ? Faults.EAGAIN : 0;
    });
    Janus janus = open();
    faults.install();
    byte[] few = Bytes.pattern(3_000, 10);
    assertThat(echo(use(client(janus.listen(any(), ECHO))), few)).isEqualTo(few);
  }

  @Test
  void sendWithoutKernelMemoryEndsThatConnectionOnly() throws Exception {
    for (int errno : new int[] {Faults.ENOBUFS, Faults.ENOMEM}) {
      faults.on("send", (call, arguments) -> call == 1 ? errno : 0).install();
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      Socket doomed = use(client(at));
      doomed.getOutputStream().write(1);
      assertThat(isEnded(doomed)).isTrue();
      assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
      assertThat(count(janus, Counter.FAILED)).isEqualTo(1);
      faults.clear();
    }
  }

  @Test
  void receiveWithoutKernelMemoryEndsThatConnectionOnly() throws Exception {
    faults.on("recv", (call, arguments) -> call == 1 ? Faults.ENOMEM : 0).install();
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket doomed = use(client(at));
    assertThat(isEndedByAByte(doomed)).isTrue();
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
  }

  /** The engine may have tried to receive, and failed, before the byte goes out: then the reset meets the write. */
  private static boolean isEndedByAByte(Socket doomed) throws IOException {
    try {
      doomed.getOutputStream().write(1);
    } catch (IOException reset) {
      return true;
    }
    return isEnded(doomed);
  }

  @Test
  void receiveWithoutKernelBuffersBacksOffAndGoesOnWithoutLoss() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket client = use(client(at));
    assertThat(echo(client, new byte[] {1})).hasSize(1);
    faults.on("recv", (call, arguments) -> Faults.ENOBUFS).install();
    client.getOutputStream().write(new byte[] {7, 8});
    Wait.until("five receives have failed", () -> faults.injected() >= 5);
    assertRests();
    faults.clear();
    assertThat(read(client, 2)).containsExactly(7, 8);
  }

  /** In a while that lasts ten of the engine's own looks, there are no more than a few times ten calls. */
  private void assertRests() {
    long start = System.nanoTime();
    int before = faults.injected();
    Wait.until("a while is over", () -> System.nanoTime() - start > 100_000_000L);
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertThat(faults.injected() - before).as("failing calls in " + millis + " ms")
        .isLessThanOrEqualTo((int) (5 + millis));
  }

  @Test
  void noMemoryForThePoolDelaysTheConnectionAndTheLoopLives() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    faults.on("mmap", (call, arguments) -> Faults.ENOMEM).install();
    Socket client = use(client(at));
    client.getOutputStream().write(PATTERN, 0, 1000);
    Wait.until("mapping has failed", () -> faults.injected() > 0);
    faults.clear();
    assertThat(read(client, 1000)).hasSize(1000);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
  }
}
