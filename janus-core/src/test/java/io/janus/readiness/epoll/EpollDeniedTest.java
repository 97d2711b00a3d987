package io.janus.readiness.epoll;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Janus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A JVM that forbids native access tells the remedy, however often and through whichever door it is asked. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EpollDeniedTest {
  private static final String REMEDY =
      "; start with --enable-native-access=io.janus.core, or ALL-UNNAMED on the class path";

  @Test
  void deniedNativeAccessIsToldInOneSentenceWithTheRemedy() throws Exception {
    List<String> told = run("--illegal-native-access=deny");
    assertThat(told).hasSize(3)
        .allSatisfy(
            line -> assertThat(line).contains("the C library cannot be called: ")
                .containsIgnoringCase("native")
                .endsWith(REMEDY));
    assertThat(told.get(0)).startsWith("first: the C library");
    assertThat(told.get(1)).startsWith("again: the C library");
    assertThat(told.get(2)).startsWith("open: no engine can run here: the C library");
  }

  @Test
  void remedyHelps() throws Exception {
    assertThat(run("--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED"))
        .startsWith("first: ", "again: ")
        .last()
        .asString()
        .isIn("open: URING", "open: EPOLL");
  }

  private static List<String> run(String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(flags));
    command.addAll(List.of("-Xmx256m", "-cp",
        classes(Janus.class) + ":" + classes(EpollDeniedChild.class),
        EpollDeniedChild.class.getName()));
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(child.getInputStream().readAllBytes());
    assertThat(child.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  /** The directory below which the class's package lies; the tests are patched into the module, so it cannot tell. */
  private static Path classes(Class<?> type) throws Exception {
    Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
    int depth = type.getName().split("\\.").length;
    return file.getRoot().resolve(file.subpath(0, file.getNameCount() - depth));
  }
}
