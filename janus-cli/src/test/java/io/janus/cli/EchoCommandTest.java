package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.Engine;
import io.janus.cli.terminal.HostSystem;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of {@code janus echo} may count on, seen through plain sockets. */
@Timeout(60)
class EchoCommandTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int MANY = 900;

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void everything_before_the_fin_comes_back_then_the_fin(String engine) throws Exception {
    try (JanusProcess echo = JanusProcess.echo(engine);
        Socket client = connect(echo)) {
      assertThat(echo.out().getFirst()).contains("engine " + engine).contains("as asked for");
      byte[] sent = new byte[3 << 20];
      new Random(1).nextBytes(sent);
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(() -> sendAndFinish(client, sent));
      assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
      sending.get(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void a_client_that_never_reads_costs_a_bounded_amount_and_loses_nothing(String engine)
      throws Exception {
    try (JanusProcess echo = JanusProcess.echo(engine);
        SocketChannel client = SocketChannel.open()) {
      client.setOption(StandardSocketOptions.SO_RCVBUF, 32 << 10);
      client.setOption(StandardSocketOptions.SO_SNDBUF, 32 << 10);
      client.connect(echo.address());
      long taken = writeUntilNothingIsTaken(client);
      // The kernel's own buffers are the most of it; the server's part is the limit outboundBytes.
      assertThat(taken).isLessThan(48 << 20);
      try (Socket other = connect(echo)) {
        assertEchoes(other, 7);
      }
      client.configureBlocking(true);
      ByteBuffer back = ByteBuffer.allocate(1 << 16);
      client.shutdownOutput();
      long returned = 0;
      for (int n = client.read(back.clear()); n >= 0; n = client.read(back.clear())) {
        for (int i = 0; i < n; i++) {
          assertThat(back.get(i)).isEqualTo((byte) ((returned + i) % 251));
        }
        returned += n;
      }
      assertThat(returned).isEqualTo(taken);
    }
  }

  @Test
  void sends_without_a_copy_lose_nothing() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("uring", "--zero-copy", "4k");
        Socket client = connect(echo)) {
      byte[] sent = new byte[5 << 20];
      new Random(2).nextBytes(sent);
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(() -> sendAndFinish(client, sent));
      assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
      sending.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void connections_on_direct_descriptors_cost_none_of_the_process() throws Exception {
    try (JanusProcess echo =
        JanusProcess.echo("uring", "--descriptors", "direct", "--loops", "1")) {
      List<Socket> clients = new ArrayList<>();
      try {
        // The first one has what a connection's life needs besides loaded.
        clients.add(connect(echo));
        assertEchoes(clients.getFirst(), 9);
        long before = descriptors(echo);
        for (int i = 0; i < 100; i++) {
          Socket client = connect(echo);
          clients.add(client);
          assertEchoes(client, i);
        }
        assertThat(descriptors(echo)).isLessThan(before + 50);
        for (Socket client : clients) {
          assertEchoes(client, 77);
        }
      } finally {
        for (Socket client : clients) {
          client.close();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void a_signal_stops_accepting_and_finishes_what_was_accepted(String signal) throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto");
        Socket client = connect(echo)) {
      InetSocketAddress address = echo.address();
      assertEchoes(client, 1);
      echo.signal(signal);
      assertThat(client.getInputStream().read()).as("the server ends in order").isEqualTo(-1);
      client.close();
      assertThat(echo.exitCode()).isZero();
      assertThat(echo.err()).hasSize(1)
          .first()
          .asString()
          .contains(JanusProcess.nameOf(signal))
          .contains("1 connection has 10 s to finish");
      assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void the_drain_time_ends_it_and_says_how_many_were_cut(String engine) throws Exception {
    try (JanusProcess echo = JanusProcess.echo(engine, "--drain", "300ms");
        SocketChannel stuck = SocketChannel.open(echo.address())) {
      writeUntilNothingIsTaken(stuck);
      echo.signal("TERM");
      assertThat(echo.exitCode()).isZero();
      assertThat(echo.err()).hasSize(2).last().asString().contains("1 connection").contains("cut");
    }
  }

  private static Stream<Arguments> rows() {
    return Stream.concat(
        JanusProcess.engines().map(engine -> Arguments.of(engine, "process")),
        Stream.of(Arguments.of("uring", "direct")).filter(row -> Engine.URING.isOfThisSystem()));
  }

  /** They end over several turns of their loops, and a look at how many are left in between would tell too few. */
  @ParameterizedTest
  @MethodSource("rows")
  void all_that_were_cut_are_told(String engine, String descriptors) throws Exception {
    List<SocketChannel> silent = new ArrayList<>();
    try (JanusProcess echo =
        JanusProcess.echo(
            engine, "--drain", "400ms", "--stats", "50ms", "--loops", "2", "--descriptors",
            descriptors)) {
      for (int i = 0; i < MANY; i++) {
        silent.add(SocketChannel.open(echo.address()));
      }
      echo.awaitOut(MANY + " connections (");
      echo.signal("TERM");
      assertThat(echo.exitCode()).isZero();
      assertThat(echo.err()).hasSize(2)
          .last()
          .asString()
          .contains(MANY + " connections were still open after 400 ms and cut");
    } finally {
      for (SocketChannel socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void without_a_connection_nothing_is_said_to_have_time() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto")) {
      echo.signal("TERM");
      assertThat(echo.exitCode()).isZero();
      assertThat(echo.err()).containsExactly(
          "janus: " + JanusProcess.nameOf("TERM")
              + ": accepting stops, no connection is open");
    }
  }

  @Test
  void the_ready_line_tells_the_set_up_of_a_ring() throws Exception {
    try (JanusProcess echo =
        JanusProcess.echo("uring", "--descriptors", "direct", "--loops", "1")) {
      assertThat(echo.out()).singleElement()
          .asString()
          .contains("1 loop; each has a ring with ", "queues of 256 submissions",
              "direct descriptors");
    }
    try (JanusProcess echo = JanusProcess.echo("epoll", "--loops", "2")) {
      assertThat(echo.out()).singleElement().asString().endsWith("2 loops");
    }
  }

  @Test
  void a_second_signal_ends_at_once() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto", "--drain", "10m");
        SocketChannel stuck = SocketChannel.open(echo.address())) {
      writeUntilNothingIsTaken(stuck);
      echo.signal("TERM");
      echo.awaitErr("accepting stops");
      echo.signal("TERM");
      assertThat(echo.exitCode()).isEqualTo(143);
    }
  }

  @Test
  void a_busy_address_is_told_in_one_line() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto")) {
      CommandRun second =
          CommandRun.of("echo", "--listen", "127.0.0.1:" + echo.address().getPort());
      assertThat(second.code()).isEqualTo(69);
      assertThat(second.err()).hasSize(1)
          .first()
          .asString()
          .contains(Integer.toString(echo.address().getPort()));
    }
  }

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void an_idle_connection_is_closed_after_its_time(String engine) throws Exception {
    try (JanusProcess echo = JanusProcess.echo(engine, "--idle-timeout", "100ms");
        Socket client = connect(echo)) {
      assertEchoes(client, 3);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void a_peer_that_does_not_read_is_cut_after_the_write_time(String engine) throws Exception {
    try (JanusProcess echo =
        JanusProcess.echo(
            engine, "--write-timeout", "100ms", "--loops", "1", "--stats", "50ms");
        Socket stuck = connect(echo);
        Socket other = connect(echo)) {
      CompletableFuture<IOException> end = new CompletableFuture<>();
      // A write waits for ever where its peer is never told, and no time of a test could end it.
      Thread.ofPlatform().daemon(true).start(() -> end.complete(endOfWriting(stuck)));
      echo.awaitOut(" -1, 1 failed)");
      assertEchoes(other, 6);
      if (HostSystem.wine().isEmpty()) {
        assertThat(end.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
            .isInstanceOf(SocketException.class);
      }
    }
  }

  private static IOException endOfWriting(Socket socket) {
    byte[] chunk = new byte[1 << 16];
    try {
      while (true) {
        socket.getOutputStream().write(chunk);
      }
    } catch (IOException e) {
      return e;
    }
  }

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void above_the_limit_a_connection_waits_until_another_ends(String engine) throws Exception {
    try (JanusProcess echo = JanusProcess.echo(engine, "--max-connections", "1", "--loops", "1");
        Socket first = connect(echo);
        Socket second = connect(echo)) {
      assertEchoes(first, 4);
      echo.awaitErr("the limit of 1 connection is reached");
      first.close();
      assertEchoes(second, 5);
    }
  }

  @Test
  void statistics_without_a_message_have_no_figure_for_one() throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto", "--stats", "50ms");
        Socket silent = connect(echo)) {
      echo.awaitOut("1 connection (+0");
      assertThat(silent.isConnected()).isTrue();
      assertThat(echo.out()).filteredOn(line -> line.contains(" messages/s"))
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line).contains("0 messages/s")
              .contains(" - system calls per message"));
    }
    try (JanusProcess echo = JanusProcess.start(
        "echo", "--listen", "127.0.0.1:0", "--json", "--stats", "50ms")) {
      echo.awaitOut("messagesPerSecond");
      assertThat(JsonText.object(echo.out().get(1))).containsEntry("systemCallsPerMessage", null);
    }
  }

  @Test
  void statistics_come_as_json_where_asked() throws Exception {
    try (JanusProcess echo = JanusProcess.start(
        "echo", "--listen", "127.0.0.1:0", "--json", "--stats", "50ms")) {
      echo.awaitOut("listening on");
      Map<String, Object> ready = JsonText.object(echo.out().getFirst());
      assertThat(ready).containsKeys("address", "port", "engine", "why", "loops");
      echo.awaitOut("messagesPerSecond");
      assertThat(JsonText.object(echo.out().get(1)))
          .containsKeys("connections", "systemCallsPerMessage", "eventsPerBatch", "wouldBlocks");
    }
  }

  static Socket connect(JanusProcess echo) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(echo.address(), PATIENCE_MILLIS);
    return socket;
  }

  static void assertEchoes(Socket socket, int value) throws IOException {
    socket.getOutputStream().write(value);
    assertThat(socket.getInputStream().read()).isEqualTo(value);
  }

  private static long descriptors(JanusProcess process) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return open.count();
    }
  }

  private static void sendAndFinish(Socket client, byte[] bytes) {
    try {
      OutputStream out = client.getOutputStream();
      out.write(bytes);
      client.shutdownOutput();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Writes a pattern until the other side has taken nothing for a while. */
  private static long writeUntilNothingIsTaken(SocketChannel client)
      throws IOException, InterruptedException {
    client.configureBlocking(false);
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    long taken = 0;
    for (int quiet = 0; quiet < 25; quiet++) {
      chunk.clear();
      for (int i = 0; i < chunk.capacity(); i++) {
        chunk.put((byte) ((taken + i) % 251));
      }
      int written = client.write(chunk.flip());
      if (written > 0) {
        taken += written;
        quiet = 0;
      } else {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(taken).isLessThan(512 << 20);
    }
    return taken;
  }
}
