package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Progress is for people, on a real terminal as script(1) makes one. */
@Timeout(60)
@EnabledOnOs(value = OS.LINUX,
    disabledReason = "the terminal is made by script(1), which Wine would start with paths that a shell misreads")
class TerminalTest {
  private static final String ESCAPE = "\u001b[K";

  @BeforeEach
  void terminals() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script is missing");
  }

  @Test
  void progress_is_shown_though_the_report_goes_to_a_file(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("report");
    assertThat(loadOnTerminal(">" + file)).contains(ESCAPE, "measuring: ");
    assertThat(file).content().contains("latency").doesNotContain(ESCAPE);
  }

  @Test
  void an_error_stream_that_is_a_file_stays_clean(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("errors");
    assertThat(loadOnTerminal("2>" + file)).contains("latency").doesNotContain(ESCAPE);
    assertThat(file).isEmptyFile();
  }

  @Test
  void a_drain_shows_how_far_it_is() throws Exception {
    try (JanusProcess echo =
        JanusProcess.onTerminal("", "echo", "--listen", "127.0.0.1:0", "--drain", "2s", "--json")) {
      echo.awaitOut("listening on");
      String ready = echo.out().getFirst();
      InetSocketAddress address = echo.address();
      try (SocketChannel stuck = SocketChannel.open(address)) {
        stuck.configureBlocking(false);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        // Until nothing is taken any more, the server's replies included.
        for (int quiet = 0; quiet < 20; quiet++) {
          quiet = stuck.write(bytes.clear()) > 0 ? 0 : quiet;
          Thread.sleep(10);
        }
        double pid = (Double) JsonText.object(ready).get("pid");
        ProcessHandle.of((long) pid).orElseThrow().destroy();
        assertThat(echo.exitCode()).isZero();
      }
      assertThat(String.join("\n", echo.out())).contains(ESCAPE, "1 connection left, ");
    }
  }

  /** What comes to the terminal. */
  private static String loadOnTerminal(String redirection) throws Exception {
    try (JanusProcess echo = JanusProcess.echo("auto");
        JanusProcess load =
            JanusProcess.onTerminal(
                redirection, "load", "--connect", "127.0.0.1:" + echo.address().getPort(),
                "--warmup", "0", "--duration", "600ms")) {
      assertThat(load.exitCode()).as("%s", load.out()).isZero();
      return String.join("\n", load.out());
    }
  }
}
