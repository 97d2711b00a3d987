package io.janus.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.Engine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person reads who mistypes an argument: one line that says what is wrong, and no stack. */
@Timeout(60)
class ExampleArgumentsTest {
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endWhatWasStarted() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "Echo",
    "Echo 127.0.0.1",
    "Echo 127.0.0.1:70000",
    "Echo 127.0.0.1:0 bogus",
    "Echo 127.0.0.1:0 epoll more",
    "Chat",
    "Forwarder 127.0.0.1:0",
    "Forwarder 127.0.0.1:0 nowhere",
    "PollerLoop",
    "PollerLoop abc",
    "PortLoop",
    "PortLoop 127.0.0.1:0 bogus",
    "SharedPortRace bogus",
    "SharedPortRace -5",
    "SharedPortRace abc",
    "SharedPortRace emulated 1 2 3 4",
    "SharedPortRace 99999999999",
    "SharedPortRace 1000000",
    "SharedPortRace 1 1 1025",
    "SharedPortCure 1000000 1 1",
    "SharedPortCure 1 1 1000000",
    "SharedPortFairness emulated 1000000",
    "SharedPortFairness 8 8 30000",
    "SharedPortCure emulated 16 x",
    "SharedPortCure 16 1 1 1 0",
    "SharedPortFairness emulated 0",
    "SharedPortFairness 8 8 0"
  })
  void badArgumentIsOneLineWithTheUsageAndCode64(String words) throws Exception {
    assertEnds(words, 64, "; usage: examples/run " + words.split(" ")[0] + " ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SharedPortRace", "SharedPortCure", "PortLoop 127.0.0.1:0"})
  void readinessHasNoCompletionPortToOffer(String words) throws Exception {
    Engine readiness =
        Arrays.stream(Engine.values())
            .filter(engine -> engine.isOfThisSystem() && engine.face().equals("readiness"))
            .findFirst()
            .orElseThrow();
    assertEnds(words + " " + readiness.id(), 64, "is readiness and has no completion port");
  }

  /** Also where loops run already, which would keep the process alive. */
  @ParameterizedTest
  @ValueSource(strings = {"Echo", "Chat", "PollerLoop", "PortLoop"})
  void portInUseIsOneLineAndCode69(String example) throws Exception {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + busy.getLocalPort();
      assertEnds(example + " " + address, 69, "listen on " + address);
    }
  }

  @Test
  void wordThatNamesAnEngineOfAnotherSystemIsToldSo() throws Exception {
    Engine foreign =
        Arrays.stream(Engine.values())
            .filter(engine -> !engine.isOfThisSystem())
            .findFirst()
            .orElseThrow();
    assertEnds("Echo 127.0.0.1:0 " + foreign.id(), 69, "engine " + foreign.id());
  }

  private void assertEnds(String words, int code, String part) throws Exception {
    Process process = launch(words.split(" "));
    String errors = process.errorReader().readAllAsString();
    assertThat(errors.lines()).as(errors)
        .singleElement()
        .asString()
        .startsWith(words.split(" ")[0] + ": ")
        .contains(part);
    // What is refused has not begun: nothing says that it listens.
    assertThat(process.inputReader().readAllAsString()).isEmpty();
    assertThat(process.waitFor()).isEqualTo(code);
  }

  private Process launch(String... words) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
    // Under Wine the JVM would warn of a call that Wine lacks, on the stream that is read here.
    command.addAll(List.of("-XX:-PrintWarnings", "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
        "io.janus.examples.Example"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).start();
    started.add(process);
    return process;
  }
}
