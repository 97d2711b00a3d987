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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the rights of files are those of Linux")
  void a_folder_or_socket_without_the_right_to_write_is_told_as_that(@TempDir Path folder)
      throws Exception {
    List<String> prefix = withoutPrivilege();
    Path path = folder.resolve("socket");
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
      try (JanusProcess load = JanusProcess.start(prefix, "load", "--connect", "unix:" + path)) {
        assertThat(load.exitCode()).isEqualTo(77);
        assertThat(load.err()).singleElement()
            .asString()
            .contains("connect to unix:" + path, "may not write to the socket", "EACCES", "`chmod`")
            .doesNotContain("CAP_NET_BIND_SERVICE");
      }
    }
    Path next = folder.resolve("next");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try (JanusProcess echo = JanusProcess.start(prefix, "echo", "--listen", "unix:" + next)) {
      assertThat(echo.exitCode()).isEqualTo(77);
      assertThat(echo.err()).singleElement()
          .asString()
          .contains("listen on unix:" + next, "in the folder " + folder, "EACCES", "`chmod`")
          .doesNotContain("CAP_NET_BIND_SERVICE");
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    CommandRun dead = CommandRun.of("load", "--connect", "unix:" + path);
    assertThat(dead.code()).isEqualTo(69);
    assertThat(dead.err()).singleElement()
        .asString()
        .contains("nobody listens at this path (ECONNREFUSED); start the server");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "links are made by everybody on Linux alone")
  void a_link_that_leads_nowhere_is_no_port_in_use(@TempDir Path folder) throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));
    CommandRun run = CommandRun.of("echo", "--listen", "unix:" + link);
    assertThat(run.code()).isEqualTo(69);
    assertThat(run.err()).singleElement()
        .asString()
        .contains("is no socket (EADDRINUSE); use another path")
        .doesNotContain("port", "ss -ltnp");
  }

  /** The program that runs another one for which the rights of files hold, also if it is root. */
  private static List<String> withoutPrivilege() {
    if (!System.getProperty("user.name").equals("root")) {
      return List.of();
    }
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is missing");
    String rights = "-dac_override,-dac_read_search";
    return List.of("/usr/bin/setpriv", "--bounding-set=" + rights, "--inh-caps=" + rights);
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
