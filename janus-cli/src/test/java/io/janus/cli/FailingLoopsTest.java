package io.janus.cli;

import static io.janus.cli.EchoCommandTest.assertEchoes;
import static io.janus.cli.EchoCommandTest.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.cli.terminal.HostSystem;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loops of a server fail while it runs: it says which and why, and goes on as long as one accepts. */
@Timeout(60)
class FailingLoopsTest {
  private static final int MOST_CLIENTS = 200;

  /** A wait of io_uring is a call by number, with no name to fail it by. */
  static List<String> engines() {
    return HostSystem.WINDOWS ? List.of("iocp", "afd", "emulated") : List.of("epoll", "emulated");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void the_end_of_the_only_loop_is_told_and_ends_the_server_with_code_70(String engine)
      throws Exception {
    try (JanusProcess echo = echo("janus-loop-0", engine, "127.0.0.1:0", 1)) {
      connect(echo).close();
      assertThat(echo.exitCode()).isEqualTo(70);
      assertThat(echo.err()).hasSize(2);
      assertToldOfItsEnd(echo.err().getFirst(), 0);
      assertThat(echo.err().getLast())
          .isEqualTo(
              "janus: the only loop has ended, which the lines before explain; start janus again");
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void the_end_of_all_loops_is_told_and_ends_the_server_with_code_70(String engine)
      throws Exception {
    try (JanusProcess echo = echo("janus-loop-1,janus-loop-0", engine, "127.0.0.1:0", 2)) {
      for (int i = 0; i < MOST_CLIENTS && told(echo) < 2; i++) {
        tryToConnect(echo);
      }
      assertThat(echo.exitCode()).isEqualTo(70);
      assertThat(echo.err()).hasSize(3);
      assertThat(echo.err().getLast()).startsWith("janus: all 2 loops have ended");
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void the_other_loops_go_on_and_end_in_order(String engine) throws Exception {
    try (JanusProcess echo = echo("janus-loop-1", engine, "127.0.0.1:0", 3)) {
      for (int i = 0; i < MOST_CLIENTS && told(echo) == 0; i++) {
        tryToConnect(echo);
      }
      echo.awaitErr("loop janus-loop-1 failed and ends");
      assertToldOfItsEnd(echo.err().getFirst(), 1);
      try (Socket client = served(echo)) {
        // A line a second comes, and as often it looks at its loops.
        echo.awaitOutLines(echo.out().size() + 2);
        assertEchoes(client, 6);
      }
      echo.signal("TERM");
      assertThat(echo.exitCode()).isZero();
      assertThat(told(echo)).as("said once").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void the_end_of_the_loop_that_accepts_for_all_ends_the_server(
      String engine, @TempDir Path folder) throws Exception {
    Path path = folder.resolve("socket");
    String address = HostSystem.WINDOWS ? "127.0.0.1:0" : "unix:" + path;
    try (JanusProcess echo = echo("janus-loop-0", engine, address, 2);
        Closeable client = HostSystem.WINDOWS ? talkTo(echo) : connectTo(path)) {
      assertThat(echo.exitCode()).isEqualTo(70);
      assertToldOfItsEnd(echo.err().getFirst(), 0);
      assertThat(echo.err().getLast()).contains("which accepts for all");
      assertThat(path).doesNotExist();
    }
  }

  /** On Windows a loop fails once it has received, so something is sent. */
  private static Socket talkTo(JanusProcess echo) throws IOException {
    Socket client = connect(echo);
    client.getOutputStream().write(1);
    return client;
  }

  private static SocketChannel connectTo(Path path) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  private static JanusProcess echo(String failing, String engine, String address, int loops)
      throws Exception {
    JanusProcess echo =
        JanusProcess.throughMain(
            FailingLoops.class, List.of("-Dio.janus.faults=true"), failing, "echo", "--listen",
            address, "--engine", engine, "--loops", Integer.toString(loops), "--stats", "1s");
    echo.awaitOut("listening on");
    return echo;
  }

  /** The listener of the loop that ends may still be open for a moment, and what it has in its queue is reset then. */
  private static Socket served(JanusProcess echo) throws IOException {
    IOException last = null;
    for (int i = 0; i < MOST_CLIENTS; i++) {
      Socket client = connect(echo);
      try {
        client.getOutputStream().write(5);
        if (client.getInputStream().read() == 5) {
          return client;
        }
      } catch (IOException reset) {
        last = reset;
      }
      client.close();
    }
    throw new AssertionError("nobody is served", last);
  }

  private static void assertToldOfItsEnd(String line, int number) {
    assertThat(line).startsWith("janus: loop janus-loop-" + number + " failed and ends")
        .contains("start the program again", HostSystem.WINDOWS ? "ERROR_INVALID_HANDLE" : "EBADF");
  }

  private static long told(JanusProcess echo) {
    return echo.err().stream().filter(line -> line.contains("failed and ends")).count();
  }

  /** The server may be ending. */
  private static void tryToConnect(JanusProcess echo) throws IOException {
    try (Socket client = connect(echo)) {
      client.getOutputStream().write(1);
      client.getInputStream().read();
    } catch (IOException ended) {
      // It was a connection of the loop that has failed, or nobody listens any more.
    }
  }
}
