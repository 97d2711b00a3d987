package io.janus.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.ChildJvm;
import io.janus.ffi.call.SystemName;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One JVM loads the bindings of one system: so the others can neither fail there nor cost anything. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OneSystemTest {
  @Test
  void nothingOfTheOtherSystemIsEverLoaded() throws Exception {
    ChildJvm.Ended ended =
        ChildJvm.run(List.of(), List.of("-Xlog:class+load:stdout"), OneSystemChild.class);
    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("bound: 0", "not connected: NOT_CONNECTED",
        "reset: the peer reset the connection", "limits: ", "system: ");
    List<String> mine = loaded(ended, SystemName.WINDOWS ? "windows" : "linux");
    List<String> others = loaded(ended, SystemName.WINDOWS ? "linux" : "windows");
    assertThat(mine).isNotEmpty();
    assertThat(others).isEmpty();
  }

  private static List<String> loaded(ChildJvm.Ended ended, String system) {
    String other = system.equals("linux") ? "Linux" : "Windows";
    return ended.output()
        .lines()
        .filter(line -> line.contains("io.janus.ffi." + system + ".")
            || line.contains("io.janus.socket." + other))
        .toList();
  }
}
