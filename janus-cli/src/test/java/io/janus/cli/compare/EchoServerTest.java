package io.janus.cli.compare;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.cli.terminal.CommandFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server of the comparison that does not come up. */
@Timeout(60)
class EchoServerTest {

  @Test
  void its_own_last_line_and_the_command_tell_why() {
    Variant broken = new Variant("broken", "epoll", List.of("--bogus"));
    assertThatThrownBy(() -> EchoServer.start(broken, Cores.unpinned("a test")).close())
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("Unknown option: '--bogus'")
        .hasMessageContaining("echo --listen 127.0.0.1:0 --loops 1")
        .hasMessageContaining("--engine epoll --bogus");
  }
}
