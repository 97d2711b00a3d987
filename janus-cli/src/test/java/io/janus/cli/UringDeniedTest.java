package io.janus.cli;

import static io.janus.cli.EchoCommandTest.assertEchoes;
import static io.janus.cli.EchoCommandTest.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real seccomp filter denies io_uring: by EPERM as the profiles of containers do, by EACCES as security policies do, or by ENOSYS as some sandboxes do. Or the memory
 * that may be locked is enough for some rings, and not for those of all loops.
 */
@Timeout(60)
@EnabledOnOs(value = OS.LINUX,
    disabledReason = "io_uring, seccomp and limits of locked memory are parts of Linux")
class UringDeniedTest {
  private static final int EPERM = 1;

  @ParameterizedTest
  @CsvSource({"1,seccomp", "13,security policy", "22,Linux 5.19 or later", "38,sandbox"})
  void required_engine_ends_with_one_sentence_and_code_69(int errno, String word)
      throws Exception {
    assumeTold(errno);
    try (JanusProcess echo =
        JanusProcess.denied(errno, "echo", "--listen", "127.0.0.1:0", "--engine", "uring")) {
      assertThat(echo.exitCode()).isEqualTo(69);
      assertThat(echo.out()).isEmpty();
      assertThat(echo.err()).hasSize(1);
      assertThat(echo.err().getFirst()).startsWith("janus: ")
          .contains("uring", word, "io_uring_setup, io_uring_enter and io_uring_register");
    }
  }

  /** To ask for the engine that cannot run would be no remedy. */
  @ParameterizedTest
  @ValueSource(strings = {"auto", "epoll"})
  void direct_descriptors_are_refused_with_the_true_cause_and_remedy(String engine)
      throws Exception {
    assumeTold(EPERM);
    try (JanusProcess echo =
        JanusProcess.denied(1, "echo", "--listen", "127.0.0.1:0", "--engine", engine,
            "--descriptors", "direct")) {
      assertThat(echo.exitCode()).isEqualTo(69);
      assertThat(echo.err()).hasSize(1);
      assertThat(echo.err().getFirst())
          .startsWith("janus: direct descriptors are a part of io_uring, which cannot run here: ")
          .contains("seccomp", "io_uring_setup, io_uring_enter and io_uring_register")
          .endsWith("; or leave them out")
          .doesNotContain("use engine uring");
    }
  }

  @ParameterizedTest
  @CsvSource({"1,seccomp", "13,security policy", "22,Linux 5.19 or later", "38,sandbox"})
  void auto_takes_epoll_and_says_why(int errno, String word) throws Exception {
    assumeTold(errno);
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
  @CsvSource({"1,seccomp", "13,security policy", "38,sandbox"})
  void doctor_names_the_reason_and_the_remedy(int errno, String word) throws Exception {
    assumeTold(errno);
    try (JanusProcess doctor = JanusProcess.denied(errno, "doctor")) {
      assertThat(doctor.exitCode()).isZero();
      assertThat(doctor.out())
          .anySatisfy(
              line -> assertThat(line)
                  .contains("engine uring", "not available", word, "io_uring_setup"))
          .anySatisfy(line -> assertThat(line).contains("engine auto", "epoll"));
    }
  }

  /** IORING_REGISTER_FILES2: the ring works, and there can be no table. */
  @ParameterizedTest
  @CsvSource({"1,EPERM", "13,EACCES", "22,EINVAL"})
  void a_table_that_is_refused_is_not_promised(int errno, String name) throws Exception {
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    String[] remedy = {name, "IORING_REGISTER_FILES2 (13)", "do without direct descriptors"};
    try (JanusProcess doctor = JanusProcess.deniedRegistration(errno, 13, "doctor")) {
      assertThat(doctor.exitCode()).isZero();
      assertThat(doctor.out())
          .anySatisfy(line -> assertThat(line).contains("engine uring", "available (completion"))
          .anySatisfy(
              line -> assertThat(line)
                  .contains("set-up", "--descriptors direct is not available: ")
                  .contains(remedy))
          .noneSatisfy(line -> assertThat(line).contains("a table of"))
          .noneSatisfy(line -> assertThat(line).contains("as many again"));
    }
    try (JanusProcess doctor = JanusProcess.deniedRegistration(errno, 13, "doctor", "--json")) {
      assertThat(doctor.exitCode()).isZero();
      assertThat((List<?>) JsonText.object(doctor.out().getFirst()).get("engines"))
          .anySatisfy(
              engine -> assertThat((Map<String, Object>) engine).containsEntry("engine", "uring")
                  .containsEntry("directDescriptors", 0.0)
                  .extractingByKey("directRefusal")
                  .asString()
                  .contains(remedy));
    }
    try (JanusProcess echo =
        JanusProcess.deniedRegistration(errno, 13, "echo", "--listen", "127.0.0.1:0", "--engine",
            "uring", "--descriptors", "direct")) {
      assertThat(echo.exitCode()).isEqualTo(69);
      assertThat(echo.err()).singleElement().asString().contains(remedy);
    }
  }

  /** What a sandbox takes away beside the ring itself is told as a step down. */
  @ParameterizedTest
  @CsvSource({"20,IORING_REGISTER_RING_FDS", "8,IORING_REGISTER_PROBE"})
  void a_registration_that_is_refused_is_a_step_down(int opcode, String name) throws Exception {
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    try (JanusProcess doctor = JanusProcess.deniedRegistration(13, opcode, "doctor")) {
      assertThat(doctor.exitCode()).isZero();
      assertThat(doctor.out())
          .anySatisfy(
              line -> assertThat(line).contains("engine uring", "available (completion", name,
                  "EACCES"));
    }
  }

  @Test
  void required_engine_without_lockable_memory_for_all_loops_ends_with_one_sentence_and_code_69()
      throws Exception {
    try (JanusProcess echo =
        shortOfMemory("echo", "--listen", "127.0.0.1:0", "--loops", "32", "--engine", "uring")) {
      assertThat(echo.exitCode()).isEqualTo(69);
      assertThat(echo.out()).isEmpty();
      assertThat(echo.err()).hasSize(1);
      assertThat(echo.err().getFirst()).startsWith("janus: engine uring cannot run here: ")
          .contains("1024 KiB", "`ulimit -l`", "fewer loops");
    }
  }

  @Test
  void auto_without_lockable_memory_for_all_loops_takes_epoll_and_says_why() throws Exception {
    try (JanusProcess echo =
        shortOfMemory("echo", "--listen", "127.0.0.1:0", "--loops", "32")) {
      echo.awaitOut("listening on");
      assertThat(String.join("\n", echo.out())).contains("engine epoll", "1024 KiB",
          "`ulimit -l`", "32 loops");
      try (Socket client = connect(echo)) {
        assertEchoes(client, 5);
      }
      assertThat(echo.err()).isEmpty();
    }
  }

  /** Where the system's own switch is off, that is told of and not a filter: both answer EPERM. */
  private static void assumeTold(int errno) {
    String refusal = Engine.URING.refusal();
    assumeTrue(errno != EPERM || !refusal.contains("kernel.io_uring_disabled"), refusal);
  }

  private static JanusProcess shortOfMemory(String... arguments) throws Exception {
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    try (JanusProcess doctor = JanusProcess.start(locking(4096), "doctor")) {
      assertThat(doctor.exitCode()).isZero();
      assumeTrue(doctor.out().stream().anyMatch(line -> line.matches("engine uring +not .*")),
          "this kernel does not count the memory of rings");
    }
    return JanusProcess.start(locking(1 << 20), arguments);
  }

  /** The program that runs another one with a limit of locked memory. It holds for who lacks CAP_IPC_LOCK, also for root. */
  private static List<String> locking(int bytes) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    List<String> limited =
        new ArrayList<>(List.of("/usr/bin/prlimit", "--memlock=" + bytes + ":" + bytes));
    if (System.getProperty("user.name").equals("root")) {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is missing");
      limited.addAll(
          List.of("/usr/bin/setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"));
    }
    return limited;
  }
}
