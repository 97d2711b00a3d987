package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.cli.terminal.HostSystem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code janus load} finds at good and at bad servers. */
@Timeout(60)
class LoadCommandTest {

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void a_closed_loop_verifies_every_byte(String engine) throws Exception {
    try (JanusProcess echo = JanusProcess.echo(engine)) {
      Map<String, Object> report =
          json(
              CommandRun.of(
                  "load", "--connect", "127.0.0.1:" + echo.address().getPort(), "-c", "8", "--size",
                  "20k", "--depth", "4", "--idle", "20", "--verify", "--warmup", "50ms",
                  "--duration", "400ms", "--engine", engine, "--loops", "2", "--json"));
      assertThat(report)
          .containsEntry("connections", 8.0)
          .containsEntry("idleConnections", 20.0)
          .containsEntry("idleAnswered", 20.0)
          .containsEntry("mismatches", 0.0)
          .containsEntry("loop", "closed")
          .containsEntry("engine", engine);
      assertThat(number(report, "messages")).isPositive();
      assertThat(number(report, "verifiedBytes"))
          .isGreaterThan(number(report, "messages") * 20_480);
    }
  }

  @Test
  void the_client_may_use_direct_descriptors() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("uring", "--descriptors", "direct")) {
      assertThat(
          json(
              CommandRun.of(
                  "load", "--connect", "127.0.0.1:" + echo.address().getPort(), "-c", "4",
                  "--idle", "100", "--verify", "--warmup", "50ms", "--duration", "200ms",
                  "--engine", "uring", "--descriptors", "direct", "--json")))
          .containsEntry("connections", 4.0)
          .containsEntry("idleAnswered", 100.0)
          .containsEntry("unreturnedBytes", 0.0)
          .containsEntry("mismatches", 0.0);
    }
  }

  @Test
  void more_loops_than_connections_are_not_opened_and_that_is_said() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto")) {
      String to = "127.0.0.1:" + echo.address().getPort();
      String[] eight = {
        "load", "--connect", to, "-c", "3", "--loops", "8", "--warmup", "0", "--duration", "200ms"
      };
      CommandRun run = CommandRun.of(eight);
      assertThat(run.out()).contains(
          "note      3 client loops opened instead of 8: none without an active connection (-c)")
          .anyMatch(
              line -> line.matches(
                  "answers +(all came within the measured time"
                      + "|\\d answers? came after the measured time \\(counted in .*\\); none is missing)"));
      assertThat(
          CommandRun.of("load", "--connect", to, "--loops", "1", "--warmup", "0", "--duration",
              "100ms").out())
          .noneMatch(line -> line.startsWith("note") && line.contains("loops"));
    }
  }

  @Test
  void an_open_loop_sends_what_the_schedule_says() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto")) {
      CommandRun run =
          CommandRun.of(
              "load", "--connect", "127.0.0.1:" + echo.address().getPort(), "-c", "3", "--rate",
              "1000/s", "--verify", "--warmup", "0", "--duration", "600ms", "--json");
      Map<String, Object> report = json(run);
      assertThat(number(report, "unanswered")).isZero();
      // Each message due in the window is measured once, however late the machine was.
      assertThat(number(report, "due"))
          .isBetween(number(report, "seconds") * 1000 - 2, number(report, "seconds") * 1000 + 2);
    }
  }

  @Test
  void an_open_loop_shows_a_stall_that_a_closed_loop_would_hide() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, LoadCommandTest::echoWithOneStall));
      Map<String, Object> report =
          json(
              CommandRun.of(
                  "load", "--connect", "127.0.0.1:" + server.getLocalPort(), "--rate", "500/s",
                  "--warmup", "0", "--duration", "1s", "--json"));
      assertThat(report.get("latencyMicros")).asString().contains("p99.9");
      Map<?, ?> latency = (Map<?, ?>) report.get("latencyMicros");
      assertThat((Double) latency.get("p90")).isGreaterThan(100_000.0);
    }
  }

  @Test
  void wrong_bytes_are_found() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, LoadCommandTest::changeOneByte));
      CommandRun run =
          CommandRun.of(
              "load", "--connect", "127.0.0.1:" + server.getLocalPort(), "--verify", "--warmup",
              "0", "--duration", "300ms");
      assertThat(run.code()).isEqualTo(65);
      String[] what = {"connection 0: byte 1000 of its stream is 0x", " and should be 0x",
        "(local address 127.0.0.1:"};
      assertThat(run.err()).singleElement()
          .asString()
          .contains("wrong bytes came back on 1 of 1 connection,", "an echo server must send back")
          .contains(what);
      assertThat(String.join("\n", run.out())).contains(what)
          .doesNotContain("ABORTED_HERE", "nothing to do", "is it an echo server");
    }
  }

  @Test
  void bytes_that_nobody_sent_are_wrong_also_where_bytes_are_not_verified() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, (in, out) -> {
        out.write(in.readNBytes(64));
        out.write(new byte[1_000]);
        in.readAllBytes();
      }));
      CommandRun run =
          CommandRun.of(
              "load", "--connect", "127.0.0.1:" + server.getLocalPort(), "--warmup", "0",
              "--duration", "10m", "--json");
      assertThat(run.code()).isEqualTo(65);
      Map<String, Object> report = JsonText.object(run.out().getFirst());
      assertThat(report).containsEntry("exitCode", 65.0).containsEntry("mismatches", 1.0);
      assertThat(run.err()).containsExactly("janus: " + report.get("error"))
          .first()
          .asString()
          .contains("connection 0: more bytes came back than the ");
    }
  }

  @Test
  void an_idle_connection_that_no_longer_echoes_is_found() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serveOneAndCloseTheNextWhenItSpeaks(server));
      CommandRun run =
          CommandRun.of(
              "load", "--connect", "127.0.0.1:" + server.getLocalPort(), "--idle", "1", "--verify",
              "--warmup", "0", "--duration", "300ms");
      assertThat(run.code()).isEqualTo(74);
      assertThat(run.err()).singleElement()
          .asString()
          .contains("1 error, first: the ")
          .containsAnyOf("the server closed", "the peer reset");
      assertThat(run.out()).anyMatch(line -> line.contains("0 of 1 answered a message at the end"));
      // Closed with bytes unread, it may hear of the end or of a reset, whichever its system looks at first.
      assertThat(run.out()).anyMatch(
          line -> line.contains("the server closed an idle connection")
              || line.contains("1 x CONNECTION_RESET"));
    }
  }

  @Test
  void a_server_that_hangs_up_is_an_error_of_its_kind() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, (in, out) -> in.read()));
      CommandRun run =
          CommandRun.of(
              "load", "--connect", "127.0.0.1:" + server.getLocalPort(), "--warmup", "0",
              "--duration", "200ms");
      assertThat(run.code()).isEqualTo(74);
      assertThat(String.join("\n", run.out())).containsPattern("errors +1 x CONNECTION_");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"closed", "open"})
  void a_server_that_dies_ends_it_early_and_the_time_after_is_in_no_average(String loop)
      throws Exception {
    assumeTrue(
        HostSystem.wine().isEmpty(),
        "Wine keeps a socket of a killed process open now and then, so its peer hears nothing");
    List<String> arguments =
        new ArrayList<>(List.of("-c", "3", "--warmup", "0", "--duration", "10m", "--json"));
    if (loop.equals("open")) {
      arguments.addAll(List.of("--rate", "1000/s"));
    }
    try (JanusProcess echo = JanusProcess.echo("auto", "--stats", "50ms")) {
      arguments.addAll(
          0, List.of("load", "--connect", "127.0.0.1:" + echo.address().getPort()));
      try (JanusProcess load = JanusProcess.start(arguments.toArray(String[]::new))) {
        echo.awaitOut("3 connections (+0");
        // Some lines more, so that messages are among what is measured.
        echo.awaitOutLines(echo.out().size() + 6);
        echo.signal("KILL");
        assertThat(load.exitCode()).isEqualTo(74);
        assertThat(load.err()).hasSize(1)
            .first()
            .asString()
            .contains("no connection is left of 3")
            .contains("ECONNREFUSED");
        Map<String, Object> report = JsonText.object(load.out().getFirst());
        assertThat(number(report, "seconds")).isPositive();
        assertThat(number(report, "messages")).isPositive();
        assertThat(number(report, "messagesPerSecond"))
            .isCloseTo(number(report, "messages") / number(report, "seconds"), withPercentage(1));
      }
    }
  }

  @Test
  void connections_that_all_end_are_told_from_a_server_that_is_gone() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, (in, out) -> in.read()));
      CommandRun run =
          CommandRun.of(
              "load", "--connect", "127.0.0.1:" + server.getLocalPort(), "--warmup", "0",
              "--duration", "10m");
      assertThat(run.code()).isEqualTo(74);
      assertThat(run.err()).singleElement()
          .asString()
          .contains("no connection is left of 1")
          .contains("accepts new ones");
    }
  }

  @Test
  void without_a_sample_there_is_no_figure() throws Exception {
    CommandRun run = loadOfOneThatHangsUpInTheWarmup();
    assertThat(run.code()).isEqualTo(74);
    assertThat(run.out()).contains("latency   p50 -   p90 -   p99 -   p99.9 -   max - µs");
    Map<String, Object> report =
        JsonText.object(loadOfOneThatHangsUpInTheWarmup("--json").out().getFirst());
    assertThat((Map<?, ?>) report.get("latencyMicros")).extracting("p50", "max")
        .containsOnlyNulls();
    assertThat(report).containsEntry("sentLateMicrosP50", null);
  }

  private static CommandRun loadOfOneThatHangsUpInTheWarmup(String... more) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, (in, out) -> in.read()));
      List<String> command =
          new ArrayList<>(
              List.of(
                  "load", "--connect", "127.0.0.1:" + server.getLocalPort(), "--warmup", "10m",
                  "--duration", "50ms"));
      command.addAll(List.of(more));
      return CommandRun.of(command.toArray(String[]::new));
    }
  }

  @Test
  void a_signal_ends_it_early_with_a_report() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto", "--stats", "50ms");
        JanusProcess load = JanusProcess.start(
            "load", "--connect", "127.0.0.1:" + echo.address().getPort(), "--warmup", "0",
            "--duration", "10m")) {
      // The first line with its connection is followed by one with its messages.
      echo.awaitOut("1 connection (+0");
      load.signal("INT");
      assertThat(load.exitCode()).isEqualTo(130);
      assertThat(String.join("\n", load.out())).contains("latency");
    }
  }

  private static Map<String, Object> json(CommandRun run) {
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).as("%s", run.out()).isZero();
    assertThat(run.out()).hasSize(1);
    return JsonText.object(run.out().getFirst());
  }

  private static double number(Map<String, Object> report, String name) {
    return (Double) report.get(name);
  }

  /** What a bad server does with one connection. */
  private interface Manners {
    void serve(InputStream in, OutputStream out) throws IOException, InterruptedException;
  }

  private static void serve(ServerSocket server, Manners manners) {
    try (Socket socket = server.accept()) {
      socket.setTcpNoDelay(true);
      manners.serve(socket.getInputStream(), socket.getOutputStream());
    } catch (IOException | InterruptedException e) {
      // The client has seen enough.
    }
  }

  /** The second connection is closed as soon as a byte comes on it. */
  private static void serveOneAndCloseTheNextWhenItSpeaks(ServerSocket server) {
    try (Socket active = server.accept(); Socket idle = server.accept()) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  active.getInputStream().transferTo(active.getOutputStream());
                } catch (IOException e) {
                  // The client has seen enough.
                }
              });
      idle.getInputStream().read();
      idle.close();
      active.getInputStream().read();
    } catch (IOException e) {
      // The client has seen enough.
    }
  }

  private static void echoWithOneStall(InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    byte[] bytes = new byte[4096];
    boolean stalled = false;
    for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
      if (!stalled) {
        stalled = true;
        TimeUnit.MILLISECONDS.sleep(500);
      }
      out.write(bytes, 0, n);
    }
  }

  private static void changeOneByte(InputStream in, OutputStream out) throws IOException {
    byte[] bytes = new byte[4096];
    long place = 0;
    for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
      if (place <= 1000 && place + n > 1000) {
        bytes[(int) (1000 - place)] ^= 1;
      }
      place += n;
      out.write(bytes, 0, n);
    }
  }
}
