package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.contract.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Where io_uring is denied by the real system, the reason and the remedy come in one sentence, and auto takes the next engine. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UringDeniedTest {

  @Test
  void seccompFilterThatForbidsIsNamedWithItsRemedy() throws Exception {
    assertDenied(ChildJvm.run(UringDeniedChild.class, "1"), "seccomp",
        "allow io_uring_setup, io_uring_enter and io_uring_register");
  }

  @Test
  void seccompFilterThatHidesTheCallsLooksLikeAKernelWithoutThem() throws Exception {
    assertDenied(ChildJvm.run(UringDeniedChild.class, "38"),
        "this kernel or sandbox has no io_uring", "run on Linux 6.1 or later");
  }

  @Test
  void tooLittleLockableMemoryIsNamedWithItsRemedy() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root to become nobody");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is missing");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    List<String> nobody = List.of("/usr/bin/prlimit", "--memlock=4096:4096", "/usr/bin/setpriv",
        "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all",
        "--inh-caps=-all");
    assumeTrue(canRead(nobody), "nobody may not read the classes or the JVM here");
    assertDenied(ChildJvm.run(nobody, UringDeniedChild.class, "0"), "may lock is too small",
        "`ulimit -l`");
  }

  /** The parts of one sentence, told through each door. */
  private static void assertDenied(ChildJvm.Ended ended, String reason, String remedy) {
    assertThat(ended.code()).as(ended.output()).isZero();
    List<String> lines = ended.output().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).startsWith("refusal: ").contains(reason).contains(remedy);
    String sentence = lines.get(0).substring("refusal: ".length());
    assertThat(lines.get(1)).isEqualTo("auto: epoll, auto: " + sentence);
    assertThat(lines.get(2)).isEqualTo("uring: engine uring cannot run here: " + sentence);
    assertThat(lines.get(3)).isEqualTo("open: epoll");
  }

  private static boolean canRead(List<String> prefix) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(prefix);
    Path classes =
        Path.of(java.net.URI.create(UringDeniedTest.class.getResource("UringDeniedTest.class")
            .toString()));
    command.addAll(List.of("cat", classes.toString(),
        ProcessHandle.current().info().command().orElseThrow()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    return process.waitFor() == 0;
  }
}
