package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.contract.ChildJvm;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The kernel's own boundary fails, not the binding: strace injects into the system calls of a child JVM. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StraceFaultTest {

  @Test
  void engineSurvivesAnOutageOfDescriptorsAsTheKernelTellsIt() throws Exception {
    assumeTrue(works("strace", "-V"), "there is no strace on this machine");
    assumeTrue(works("strace", "-o", "/dev/null", "true"), "strace may not trace here");
    ChildJvm.Ended ended = ChildJvm.run(List.of("strace", "-f", "-o", "/dev/null", "-e",
        "trace=accept4,recvfrom", "-e", "inject=accept4:error=EMFILE:when=1..5", "-e",
        "inject=recvfrom:error=EINTR:when=1..3"), StraceChild.class);
    String output = ended.output();
    assertThat(ended.code()).as(output).isZero();
    assertThat(output).contains("echoed").contains("failures=").contains("EMFILE");
    int failures = Integer.parseInt(output.replaceAll("(?s).*failures=(\\d+).*", "$1"));
    int pauses = Integer.parseInt(output.replaceAll("(?s).*pauses=(\\d+).*", "$1"));
    assertThat(failures).isEqualTo(5);
    assertThat(pauses).isEqualTo(failures);
  }

  private static boolean works(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }
}
