package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.contract.ChildJvm;
import io.janus.contract.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where io_uring is denied by the real system, the reason and the remedy come in one sentence, and auto takes the next engine. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UringDeniedTest {
  /** Enough for ten rings or so, those included that have just been closed: their memory is given back a moment later. */
  private static final int MEMORY_OF_SOME_RINGS = 1 << 20;

  private static final String MANY_LOOPS = "32";
  private static final int PROBES = 4;
  private static final String UNCOUNTED = "this kernel does not count the memory of rings";

  @Test
  void seccompFilterThatForbidsIsNamedWithItsRemedy() throws Exception {
    skipIfSwitchedOff();
    assertDenied(ChildJvm.run(UringDeniedChild.class, "1", "1"), "seccomp",
        "allow io_uring_setup, io_uring_enter and io_uring_register");
  }

  /** As SELinux answers, and filters that are written so. */
  @ParameterizedTest
  @ValueSource(strings = {"", "enter"})
  void filterThatDeniesAccessIsNamedWithItsRemedy(String what) throws Exception {
    if (what.equals("enter")) {
      Refusal.skipIf(UringProbe.refusal());
    }
    assertDenied(ChildJvm.run(UringDeniedChild.class, "13", "1", what),
        "blocked by a sandbox or a security policy",
        "let it allow io_uring_setup, io_uring_enter and io_uring_register");
  }

  @Test
  void seccompFilterThatHidesTheCallsLooksLikeAKernelWithoutThem() throws Exception {
    assertDenied(ChildJvm.run(UringDeniedChild.class, "38", "1"),
        "this kernel or sandbox has no io_uring", "run on Linux 6.1 or later");
  }

  @Test
  void ringsThatMayBeMadeAndNotEnteredAreNoRings() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    assertDenied(ChildJvm.run(UringDeniedChild.class, "1", "1", "enter"), "seccomp",
        "allow io_uring_setup, io_uring_enter and io_uring_register");
  }

  @Test
  void tooLittleLockableMemoryIsNamedWithItsRemedy() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    ChildJvm.Ended ended = ChildJvm.run(nobody(4096), UringDeniedChild.class, "0", "1");
    assumeTrue(!ended.output().contains("uring: URING"), UNCOUNTED);
    assertDenied(ended, "may lock is too small for another ring (4 KiB", "`ulimit -l`");
  }

  /** The probe's ring fits, and that of a later loop does not. */
  @Test
  void lockableMemoryThatEndsWithALaterLoopMakesAutoFallBack() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    ChildJvm.Ended ended =
        ChildJvm.run(nobody(MEMORY_OF_SOME_RINGS), UringDeniedChild.class, "0", MANY_LOOPS);
    assertThat(ended.code()).as(ended.output()).isZero();
    List<String> lines = ended.output().lines().toList();
    assumeTrue(!lines.contains("uring: URING"), UNCOUNTED);
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).isEqualTo("refusal: ");
    assertThat(lines.get(1)).startsWith("auto: uring");
    assertThat(lines.get(2)).startsWith("uring: engine uring cannot run here: ")
        .contains("may lock is too small for another ring (1024 KiB", "`ulimit -l`",
            "ask for fewer loops", "CAP_IPC_LOCK");
    String sentence = lines.get(2).substring("uring: engine uring cannot run here: ".length());
    assertThat(lines.get(3)).isEqualTo("open: epoll, auto: " + sentence);
    assertThat(lines.get(4)).isEqualTo("loops: " + MANY_LOOPS + ", rings: 0");
    assertThatTheRemedyHelps(sentence);
  }

  /** The limit that the sentence asks for, with room for the probes of the child, whose memory is given back a moment later. */
  private static void assertThatTheRemedyHelps(String sentence) throws Exception {
    Matcher each = Pattern.compile("to at least (\\d+) KiB for each loop").matcher(sentence);
    assertThat(each.find()).as(sentence).isTrue();
    int rings = Integer.parseInt(MANY_LOOPS) + PROBES;
    int bytes = rings * Integer.parseInt(each.group(1)) * 1024;
    assertThat(bytes).as("a figure and not a guess").isBetween(2 << 20, 4 << 20);
    ChildJvm.Ended ended = ChildJvm.run(nobody(bytes), UringDeniedChild.class, "0", MANY_LOOPS);
    assertThat(ended.output().lines()).as(ended.output()).contains("uring: URING");
  }

  /** Both answer EPERM, and the system's own switch is what is told of then. */
  private static void skipIfSwitchedOff() {
    String refusal = UringProbe.refusal();
    Refusal.skipIf(refusal.contains("kernel.io_uring_disabled") ? refusal : "");
  }

  /** The parts of one sentence, told through each door. */
  private static void assertDenied(ChildJvm.Ended ended, String reason, String remedy) {
    assertThat(ended.code()).as(ended.output()).isZero();
    List<String> lines = ended.output().lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).startsWith("refusal: ").contains(reason).contains(remedy);
    String sentence = lines.get(0).substring("refusal: ".length());
    assertThat(lines.get(1)).isEqualTo("auto: epoll, auto: " + sentence);
    assertThat(lines.get(2)).isEqualTo("uring: engine uring cannot run here: " + sentence);
    assertThat(lines.get(3)).isEqualTo("open: epoll, auto: " + sentence);
    assertThat(lines.get(4)).isEqualTo("loops: 1, rings: 0");
  }

  /** The program that runs another one as an ordinary user who may lock so many bytes. */
  private static List<String> nobody(int lockedBytes) throws IOException, InterruptedException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root to become nobody");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is missing");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    List<String> nobody =
        List.of("/usr/bin/prlimit", "--memlock=" + lockedBytes + ":" + lockedBytes,
            "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
            "--bounding-set=-all", "--inh-caps=-all");
    assumeTrue(canRead(nobody), "nobody may not read the classes or the JVM here");
    return nobody;
  }

  private static boolean canRead(List<String> prefix) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
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
