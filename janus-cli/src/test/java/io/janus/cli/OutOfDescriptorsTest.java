package io.janus.cli;

import static io.janus.cli.EchoCommandTest.assertEchoes;
import static io.janus.cli.EchoCommandTest.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import io.janus.cli.terminal.Json;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptors run out while the server runs, by a limit set from outside. */
@Timeout(60)
@EnabledOnOs(value = OS.LINUX,
    disabledReason = "Windows bounds handles by memory alone, and has no limit to set from outside")
class OutOfDescriptorsTest {
  private static final int SPARE = 4;
  private static final int CLIENTS = 10;
  private static final int WATCHED_LINES = 5;

  /** A loop that spun would make as many in a few milliseconds. */
  private static final long FEW_CALLS = 1_000;

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void accepting_pauses_without_spinning_and_resumes_by_itself(String engine) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    assumeTrue(
        !engine.equals(Engine.URING.id()) || Engine.URING.refusal().isEmpty(),
        Engine.URING.refusal());
    List<Socket> clients = new ArrayList<>();
    try (JanusProcess echo =
        JanusProcess.echo(engine, "--loops", "1", "--json", "--stats", "500ms")) {
      // A first connection has every class of a connection's life loaded: from now on only connections take descriptors.
      try (Socket first = connect(echo)) {
        assertEchoes(first, 0);
        first.shutdownOutput();
        assertThat(first.getInputStream().read()).isEqualTo(-1);
      }
      // And a first line of statistics those of that.
      echo.awaitOutLines(2);
      clients.add(connect(echo));
      assertEchoes(clients.getFirst(), 1);
      limitDescriptors(echo, highestDescriptor(echo) + 1 + SPARE);
      while (clients.size() < CLIENTS) {
        clients.add(connect(echo));
      }
      echo.awaitErr("accepting pauses");
      // The next line began before the pause.
      int from = echo.out().size() + 1;
      echo.awaitOutLines(from + WATCHED_LINES);
      List<String> lines = echo.out().subList(from, from + WATCHED_LINES);
      assertThat(sum(lines, "acceptPauses")).as("it tries again").isPositive();
      // On a ring an accept is no call of its own.
      long leastCalls = engine.equals(Engine.URING.id()) ? 0 : 1;
      assertThat(sum(lines, "acceptCalls")).isBetween(leastCalls, FEW_CALLS);
      assertThat(sum(lines, "waits")).isBetween(1L, FEW_CALLS);
      // Every pause is much shorter than a second, so a line for each would be many more.
      assertThat(echo.err().stream().filter(line -> line.contains("accepting pauses")).count())
          .as("at most once a second")
          .isPositive()
          .isLessThan(sum(echo.out().subList(1, echo.out().size()), "acceptPauses"));
      assertEchoes(clients.getFirst(), 2);
      clients.removeFirst().close();
      limitDescriptors(echo, 1_000);
      for (Socket client : clients) {
        assertEchoes(client, 3);
      }
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /**
   * A class that lies in a folder takes a descriptor to be loaded, and here nothing of a connection's life was loaded before: so the loop may
   * end instead of resting, but nobody is left without a word, and the process does not stay without a loop.
   */
  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void a_server_that_has_served_nobody_before_rests_or_says_what_has_ended_it(String engine)
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    for (int spare = 0; spare < SPARE; spare++) {
      List<Socket> clients = new ArrayList<>();
      try (JanusProcess echo = JanusProcess.echo(engine, "--loops", "1")) {
        limitDescriptors(echo, highestDescriptor(echo) + 1 + spare);
        boolean listens = connectAll(echo, clients);
        echo.awaitErr("janus: ");
        if (listens && echo.err().getFirst().contains("accepting pauses")) {
          limitDescriptors(echo, 1_000);
          for (Socket client : clients) {
            assertEchoesOrIsToldOf(client, echo);
          }
        } else {
          assertThat(echo.exitCode()).isEqualTo(70);
          assertThat(echo.err().getFirst()).contains("loop janus-loop-0 failed");
          assertThat(echo.err().getLast()).contains("the only loop has ended");
        }
      } finally {
        for (Socket client : clients) {
          client.close();
        }
      }
    }
  }

  /** False if the loop has ended meanwhile and closed its listener. */
  private static boolean connectAll(JanusProcess echo, List<Socket> clients) throws Exception {
    try {
      while (clients.size() < CLIENTS) {
        clients.add(connect(echo));
      }
      return true;
    } catch (SocketException refused) {
      return false;
    }
  }

  /** A connection that met a missing class is ended, and the report names the class. */
  private static void assertEchoesOrIsToldOf(Socket client, JanusProcess echo) throws Exception {
    int answer;
    try {
      client.getOutputStream().write(1);
      answer = client.getInputStream().read();
    } catch (SocketException reset) {
      answer = -1;
    }
    if (answer != 1) {
      assertThat(answer).isEqualTo(-1);
      echo.awaitErr("NoClassDefFoundError");
    }
  }

  private static void limitDescriptors(JanusProcess process, long limit) throws Exception {
    Process prlimit =
        new ProcessBuilder(
            "/usr/bin/prlimit", "--pid", Long.toString(process.pid()), "--nofile=" + limit + ":")
            .inheritIO()
            .start();
    assertThat(prlimit.waitFor()).isZero();
  }

  private static long highestDescriptor(JanusProcess process) throws Exception {
    long highest = 0;
    try (DirectoryStream<Path> open =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      for (Path descriptor : open) {
        highest = Math.max(highest, Long.parseLong(descriptor.getFileName().toString()));
      }
    }
    return highest;
  }

  private static long sum(List<String> lines, String name) {
    return lines.stream().mapToLong(line -> Json.number(line, name)).sum();
  }
}
