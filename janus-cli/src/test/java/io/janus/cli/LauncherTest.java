package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that starts Janus, in a folder of its own in which it finds something built and nothing newer. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class LauncherTest {
  @TempDir Path folder;

  @BeforeEach
  void copyTheScript() throws IOException {
    Path root = Path.of("").toAbsolutePath().getParent();
    Files.copy(root.resolve("janus"), folder.resolve("janus"));
    Files.createDirectory(folder.resolve("launch"));
    for (String part : List.of("find-jdk.sh", "maven.sh")) {
      Files.copy(root.resolve("launch").resolve(part), folder.resolve("launch").resolve(part));
    }
    Files.createDirectories(folder.resolve("janus-cli/target/app"));
    Files.createFile(folder.resolve("janus-cli/target/app/.stamp"));
  }

  @ParameterizedTest
  @CsvSource({
    "-Xmx16m,Initial heap size set to a larger value than the maximum heap size",
    "-Xfoo,Unrecognized option: -Xfoo",
    "-Xmx1g -XX:+Bogus,Unrecognized VM option 'Bogus'",
    "bogus,Could not find or load main class bogus"
  })
  void options_with_which_java_does_not_start_are_named(String options, String why)
      throws Exception {
    Process janus = start(options);
    assertThat(janus.inputReader().readAllAsString())
        .isEqualTo(
            "janus: Java does not start with JANUS_JAVA_OPTS=\"" + options + "\": " + why
                + "; change it or unset it\n");
    assertThat(janus.waitFor()).isEqualTo(64);
  }

  /** A Java reserves more than it uses; one that cannot is told with the limit, whether it was given options or not. */
  @ParameterizedTest
  @ValueSource(strings = {"", "-Xmx512m"})
  void a_limit_of_memory_in_which_java_does_not_start_is_named(String options) throws Exception {
    ProcessBuilder janus =
        new ProcessBuilder("sh", "-c", "ulimit -v 600000; exec sh ./janus doctor");
    janus.environment().put("JANUS_JAVA_OPTS", options);
    janus.environment().put("JAVA25_HOME", System.getProperty("java.home"));
    Process started = janus.directory(folder.toFile()).redirectErrorStream(true).start();
    assertThat(started.inputReader().lines()).singleElement()
        .asString()
        .startsWith("janus: Java does not start within the limit of memory of 600000 KiB")
        .endsWith("; raise it with \"ulimit -v unlimited\"");
    assertThat(started.waitFor()).isEqualTo(71);
  }

  /** There is no Janus in the folder, so Java starts and finds no module. */
  @ParameterizedTest
  @ValueSource(strings = {"", "-Xmx512m", "-Xmx512m -XX:+UseParallelGC"})
  void good_options_go_to_java(String options) throws Exception {
    Process janus = start(options);
    assertThat(janus.inputReader().readAllAsString()).contains("Module io.janus.cli not found")
        .doesNotContain("JANUS_JAVA_OPTS");
    assertThat(janus.waitFor()).isEqualTo(1);
  }

  /** A build takes long: a terminal sees a line that moves, and a file has plain lines only. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_build_shows_that_it_lives(boolean onTerminal) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script is missing");
    Files.delete(folder.resolve("janus-cli/target/app/.stamp"));
    Files.createFile(folder.resolve("pom.xml"));
    Path maven = Files.createDirectory(folder.resolve("bin")).resolve("mvn");
    Files.writeString(
        maven,
        "#!/bin/sh\necho '[INFO] --- compiler:3.15.0:compile (default-compile) @ janus-core ---'\nsleep 3\n");
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    String command = "sh '" + folder.resolve("janus") + "' --version";
    ProcessBuilder janus =
        onTerminal
            ? new ProcessBuilder("/usr/bin/script", "-qec", command, "/dev/null")
            : new ProcessBuilder("sh", "-c", command);
    janus.environment().put("JAVA25_HOME", System.getProperty("java.home"));
    janus.environment().put("PATH", maven.getParent() + ":" + System.getenv("PATH"));
    Process started = janus.redirectErrorStream(true).start();
    started.getOutputStream().close();
    String told = started.inputReader().readAllAsString();
    assertThat(told).startsWith("building Janus (first use, about 60 s)")
        .contains("Module io.janus.cli not found");
    if (onTerminal) {
      assertThat(told).containsPattern("\r\u001b\\[K[12] s, janus-core: compile");
    } else {
      assertThat(told).doesNotContain("\r", "\u001b", "janus-core: compile");
    }
  }

  private Process start(String options) throws IOException {
    ProcessBuilder janus =
        new ProcessBuilder("sh", folder.resolve("janus").toString(), "--version");
    janus.environment().put("JANUS_JAVA_OPTS", options);
    janus.environment().put("JAVA25_HOME", System.getProperty("java.home"));
    return janus.redirectErrorStream(true).start();
  }
}
