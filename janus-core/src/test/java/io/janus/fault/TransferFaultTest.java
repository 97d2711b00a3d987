package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import io.janus.contract.Bytes;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
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
  private static final int EIO = 5;
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
  void receiveWithoutKernelMemoryOnlyDelays() throws Exception {
    faults.on("recv", (call, arguments) -> call <= 3 ? Faults.ENOMEM : 0).install();
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(faults.injected()).isEqualTo(3);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void receiveThatFailsEndsThatConnectionOnly() throws Exception {
    faults.on("recv", (call, arguments) -> call == 1 ? EIO : 0).install();
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

}
