package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file of a listening socket: gone after every end, and explained where one is in the way. */
@Timeout(60)
class UnixSocketFileTest {

  @BeforeEach
  void unixSockets() throws IOException {
    try {
      ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
    } catch (UnsupportedOperationException e) {
      assumeTrue(false, "Unix sockets are missing here, as in Wine and in Windows before 10 1803");
    }
  }

  @Test
  void the_second_signal_leaves_no_file_behind(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("socket");
    try (JanusProcess echo =
        JanusProcess.start("echo", "--listen", "unix:" + path, "--drain", "10m")) {
      echo.awaitOut("listening on");
      try (SocketChannel stuck = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        stuck.configureBlocking(false);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        while (stuck.write(bytes.clear()) > 0) {
          Thread.onSpinWait();
        }
        echo.signal("TERM");
        echo.awaitErr("accepting stops");
        echo.signal("TERM");
        assertThat(echo.exitCode()).isEqualTo(143);
      }
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void a_file_left_over_is_told_from_a_server_that_listens(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("socket");
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(path));
      CommandRun busy = CommandRun.of("echo", "--listen", "unix:" + path);
      assertThat(busy.code()).isEqualTo(69);
      assertThat(busy.err()).singleElement()
          .asString()
          .contains(path.toString(), "EADDRINUSE")
          .doesNotContain("left over");
    }
    assertThat(path).exists();
    CommandRun leftOver = CommandRun.of("echo", "--listen", "unix:" + path);
    assertThat(leftOver.code()).isEqualTo(69);
    assertThat(leftOver.err()).singleElement()
        .asString()
        .contains("left over", "rm " + path)
        .doesNotContain("other port");
    assertThat(path).exists();
  }

  @Test
  void another_kind_of_file_is_not_advised_to_be_removed(@TempDir Path folder) throws Exception {
    Path path = Files.writeString(folder.resolve("letter"), "keep");
    CommandRun run = CommandRun.of("echo", "--listen", "unix:" + path);
    assertThat(run.code()).isEqualTo(69);
    assertThat(run.err()).singleElement()
        .asString()
        .contains("is no socket", "another path")
        .doesNotContain("rm ");
  }
}
