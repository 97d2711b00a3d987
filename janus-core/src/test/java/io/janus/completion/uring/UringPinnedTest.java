package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.contract.ChildJvm;
import io.janus.contract.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pages of uncopied sends count against the user's limit of locked memory; meeting it ends no connection. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UringPinnedTest {
  @Test
  void limitOfUringMemoryEndsNoSend() throws Exception {
    Refusal.skipIf(UringProbe.refusal());
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root to become nobody");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is missing");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    // A user of its own: what others lock would count as well.
    List<String> nobody = List.of("/usr/bin/prlimit", "--memlock=8388608:8388608",
        "/usr/bin/setpriv", "--reuid=65533", "--regid=65533", "--clear-groups",
        "--bounding-set=-all", "--inh-caps=-all");
    ChildJvm.Ended ended = ChildJvm.run(nobody, UringPinnedChild.class);
    assumeTrue(!ended.output().contains("find or load main class"),
        "nobody may not read the classes here");
    assertThat(ended.output()).contains("failed 0").doesNotContain("sent 0");
    assertThat(ended.code()).as(ended.output()).isZero();
  }
}
