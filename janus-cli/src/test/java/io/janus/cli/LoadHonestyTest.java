package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/** A server that loses, stops or falls behind is never reported as a good one. */
@Timeout(60)
class LoadHonestyTest {
  private static final int MESSAGE = 64;
  private static final int SLOW_MILLIS = 2;
  private static final int SLOW_PER_SECOND = 1000 / SLOW_MILLIS;

  @Test
  void a_server_that_stops_answering_is_an_error_in_a_closed_loop() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> {
        out.write(in.readNBytes(100 * MESSAGE));
        in.readAllBytes();
      });
      CommandRun run =
          CommandRun.of(
              "load", "--connect", address(server), "--depth", "100", "--verify", "--warmup", "0",
              "--duration", "300ms");
      assertThat(run.code()).as("%s", run.out()).isEqualTo(74);
      assertThat(run.out())
          .anyMatch(line -> line.startsWith("answers") && line.contains("100 messages unanswered"))
          .anyMatch(
              line -> line.contains("6,400 bytes right")
                  && line.contains("6,400 that were sent never came back"))
          .noneMatch(line -> line.contains("all right"))
          .noneMatch(line -> line.matches("errors +none"));
    }
  }

  @Test
  void the_age_of_what_is_unanswered_stands_in_the_latencies() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> {
        out.write(in.readNBytes(3 * MESSAGE));
        in.readAllBytes();
      });
      CommandRun run =
          CommandRun.of(
              "load", "--connect", address(server), "--warmup", "0", "--duration", "50ms",
              "--json");
      assertThat(run.code()).isEqualTo(74);
      Map<String, Object> report = JsonText.object(run.out().getFirst());
      assertThat(report).containsEntry("unanswered", 1.0)
          .containsEntry("unreturnedBytes", (double) MESSAGE);
      // It was sent before the end, and given up a second after it.
      assertThat((Double) ((Map<?, ?>) report.get("latencyMicros")).get("max"))
          .isGreaterThanOrEqualTo(1_000_000.0);
    }
  }

  @Test
  void a_server_that_swallows_the_bytes_of_every_fifth_connection_is_found() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> {
        if (number % 5 == 4) {
          in.readAllBytes();
        } else {
          in.transferTo(out);
        }
      });
      CommandRun run =
          CommandRun.of(
              "load", "--connect", address(server), "-c", "10", "--verify", "--warmup", "50ms",
              "--duration", "200ms", "--json");
      assertThat(run.code()).isEqualTo(74);
      Map<String, Object> report = JsonText.object(run.out().getFirst());
      assertThat(report).containsEntry("unanswered", 2.0)
          .containsEntry("unreturnedBytes", 2.0 * MESSAGE);
      assertThat((Double) report.get("messages")).isPositive();
    }
  }

  @Test
  void answers_after_the_window_are_no_throughput() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, LoadHonestyTest::answerSlowly);
      Map<String, Object> report =
          JsonText.object(
              CommandRun.of(
                  "load", "--connect", address(server), "--rate", "1000/s", "--warmup", "0",
                  "--duration", "700ms", "--json")
                  .out()
                  .getFirst());
      double messages = (Double) report.get("messages");
      double seconds = (Double) report.get("seconds");
      // More than this the server cannot have answered: it sleeps before each answer.
      assertThat(messages).isPositive().isLessThanOrEqualTo(seconds * SLOW_PER_SECOND + 1);
      assertThat((Double) report.get("messagesPerSecond"))
          .isLessThanOrEqualTo(SLOW_PER_SECOND + 1 / seconds);
      assertThat((Double) report.get("late")).isPositive();
      assertThat((Double) report.get("due"))
          .isGreaterThanOrEqualTo(seconds * 1000 - 1)
          .isLessThanOrEqualTo(
              messages + (Double) report.get("late") + (Double) report.get("unanswered"));
    }
  }

  @Test
  void what_was_unanswered_when_the_last_connection_ended_is_not_said_to_have_waited_longer()
      throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> in.readNBytes(20 * MESSAGE));
      CommandRun run =
          CommandRun.of(
              "load", "--connect", address(server), "--rate", "1000/s", "--warmup", "0",
              "--duration", "10m");
      assertThat(run.code()).isEqualTo(74);
      assertThat(String.join("\n", run.out()))
          .containsPattern("[0-9]+ messages unanswered when the last connection ended")
          .doesNotContain("after 1 s");
    }
  }

  @Test
  void a_server_that_has_answered_in_the_warmup_is_not_asked_whether_it_echoes() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> {
        out.write(in.readNBytes(3 * MESSAGE));
        in.readAllBytes();
      });
      // Three at a time, so that they come together and the fourth finds nobody.
      CommandRun run =
          CommandRun.of(
              "load", "--connect", address(server), "--depth", "3", "--warmup", "1s",
              "--duration", "50ms");
      assertThat(run.code()).isEqualTo(74);
      assertThat(run.err()).singleElement()
          .asString()
          .contains("though 3 messages were in the warm-up: the server has stopped answering");
      assertThat(String.join("\n", run.out())).contains("the server has stopped answering")
          .doesNotContain("is it an echo server");
    }
  }

  @Test
  void a_load_that_ends_in_its_warmup_says_that_nothing_was_measured() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> out.write(in.readNBytes(3 * MESSAGE)));
      CommandRun run =
          CommandRun.of(
              "load", "--connect", address(server), "--depth", "3", "--warmup", "10m",
              "--duration", "50ms");
      assertThat(run.code()).isEqualTo(74);
      assertThat(run.err()).singleElement()
          .asString()
          .contains(
              "ended in its warm-up, before anything was measured: no connection is left of 1");
      assertThat(run.out())
          .contains("latency   not measured: all 3 answers came in the warm-up")
          .noneMatch(line -> line.startsWith("answers"))
          .anyMatch(line -> line.startsWith("note      nothing was measured: "))
          .noneMatch(line -> line.contains("is it an echo server"));
    }
  }

  /** However often they come: each connection is given up once. */
  @Test
  void bytes_on_an_idle_connection_count_once() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> {
        // Until the client has seen enough.
        while (true) {
          out.write('?');
        }
      });
      CommandRun run =
          CommandRun.of(
              "load", "--connect", address(server), "-c", "1", "--idle", "3", "--warmup", "0",
              "--duration", "200ms", "--json");
      assertThat(run.code()).isEqualTo(65);
      assertThat((Double) JsonText.object(run.out().getFirst()).get("mismatches")).isBetween(1.0,
          4.0);
    }
  }

  /** However soon its connections end: what was answered before is not called a warm-up. */
  @Test
  void a_load_without_a_warmup_measures_from_the_first_message() throws Exception {
    try (ServerSocket server = listen()) {
      serveEach(server, (number, in, out) -> out.write(in.readNBytes(3 * MESSAGE)));
      for (int round = 0; round < 20; round++) {
        CommandRun run =
            CommandRun.of(
                "load", "--connect", address(server), "--depth", "3", "--warmup", "0",
                "--duration", "50ms", "--json");
        assertThat(run.code()).isEqualTo(74);
        assertThat(run.err()).singleElement().asString().doesNotContain("warm-up");
        assertThat(JsonText.object(run.out().getFirst())).containsEntry("messages", 3.0)
            .containsEntry("warmupMessages", 0.0);
      }
    }
  }

  @Test
  void a_signal_in_the_warmup_says_that_nothing_was_measured() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto", "--stats", "50ms");
        JanusProcess load = JanusProcess.start(
            "load", "--connect", "127.0.0.1:" + echo.address().getPort(), "--warmup", "10m",
            "--rate", "1000/s", "--json")) {
      echo.awaitOut("1 connection (+0");
      // Some lines more, so that messages are among what came back.
      echo.awaitOutLines(echo.out().size() + 6);
      load.signal("INT");
      assertThat(load.exitCode()).isEqualTo(130);
      Map<String, Object> report = JsonText.object(load.out().getFirst());
      assertThat(report).containsEntry("seconds", 0.0)
          .containsEntry("messages", 0.0)
          .containsEntry("messagesPerSecond", null)
          .containsEntry("endedBy", JanusProcess.nameOf("INT"))
          .containsEntry("exitCode", 130.0);
      assertThat((Double) report.get("warmupMessages")).isPositive();
      assertThat((Map<?, ?>) report.get("latencyMicros")).extracting("p50", "max")
          .containsOnlyNulls();
    }
  }

  @Test
  void the_first_signal_ends_it_while_it_connects() throws Exception {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        JanusProcess load = JanusProcess.start(
            "load", "--connect", address(full), "-c", "200", "--json");
        Socket first = full.accept()) {
      assertThat(first.isConnected()).isTrue();
      load.signal("TERM");
      assertThat(load.exitCode()).isEqualTo(143);
      Map<String, Object> report = JsonText.object(load.out().getFirst());
      double connected = (Double) report.get("connections");
      assumeTrue(connected < 200, "this network answers however full the listener's queue is");
      // Connects that were waited for would have ended by their deadline.
      assertThat((List<?>) report.get("errors")).isEmpty();
      assertThat(report).containsEntry("messagesPerSecond", null);
      assertThat((Map<?, ?>) report.get("latencyMicros")).extracting("p50", "max")
          .containsOnlyNulls();
    }
  }

  /** What a server does with its connections, which are numbered from 0. */
  private interface Manners {
    void serve(int number, InputStream in, OutputStream out)
        throws IOException, InterruptedException;
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private static String address(ServerSocket server) {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private static void serveEach(ServerSocket server, Manners manners) {
    Thread.ofVirtual()
        .start(
            () -> {
              List<Socket> open = new ArrayList<>();
              try {
                while (true) {
                  Socket socket = server.accept();
                  int number = open.size();
                  open.add(socket);
                  Thread.ofVirtual().start(() -> serve(socket, number, manners));
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
  }

  private static void serve(Socket socket, int number, Manners manners) {
    try (socket) {
      socket.setTcpNoDelay(true);
      manners.serve(number, socket.getInputStream(), socket.getOutputStream());
    } catch (IOException | InterruptedException e) {
      // The client has seen enough.
    }
  }

  private static void answerSlowly(int number, InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    for (byte[] message = in.readNBytes(MESSAGE); message.length == MESSAGE; message =
        in.readNBytes(MESSAGE)) {
      TimeUnit.MILLISECONDS.sleep(SLOW_MILLIS);
      out.write(message);
    }
  }
}
