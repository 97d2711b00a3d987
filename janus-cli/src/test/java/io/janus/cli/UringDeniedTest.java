package io.janus.cli;

import static io.janus.cli.EchoCommandTest.assertEchoes;
import static io.janus.cli.EchoCommandTest.connect;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real seccomp filter denies io_uring: by EPERM as the profiles of containers do, or by ENOSYS as some sandboxes do. */
@Timeout(60)
class UringDeniedTest {

  @ParameterizedTest
  @CsvSource({"1,seccomp", "38,sandbox"})
  void required_engine_ends_with_one_sentence_and_code_69(int errno, String word)
      throws Exception {
    try (JanusProcess echo =
        JanusProcess.denied(errno, "echo", "--listen", "127.0.0.1:0", "--engine", "uring")) {
      assertThat(echo.exitCode()).isEqualTo(69);
      assertThat(echo.out()).isEmpty();
      assertThat(echo.err()).hasSize(1);
      assertThat(echo.err().getFirst()).startsWith("janus: ")
          .contains("uring", word, "io_uring_setup, io_uring_enter and io_uring_register");
    }
  }

  @ParameterizedTest
  @CsvSource({"1,seccomp", "38,sandbox"})
  void auto_takes_epoll_and_says_why(int errno, String word) throws Exception {
    try (JanusProcess echo = JanusProcess.denied(errno, "echo", "--listen", "127.0.0.1:0")) {
      echo.awaitOut("listening on");
      assertThat(String.join("\n", echo.out())).contains("engine epoll", word,
          "io_uring_setup, io_uring_enter and io_uring_register");
      try (Socket client = connect(echo)) {
        assertEchoes(client, 5);
      }
      assertThat(echo.err()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"1,seccomp", "38,sandbox"})
  void doctor_names_the_reason_and_the_remedy(int errno, String word) throws Exception {
    try (JanusProcess doctor = JanusProcess.denied(errno, "doctor")) {
      assertThat(doctor.exitCode()).isZero();
      assertThat(doctor.out())
          .anySatisfy(
              line -> assertThat(line)
                  .contains("engine uring", "not available", word, "io_uring_setup"))
          .anySatisfy(line -> assertThat(line).contains("engine auto", "epoll"));
    }
  }
}
