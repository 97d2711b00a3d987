package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An echo server under clients that misbehave, on each engine of this system. */
@Timeout(60)
class EchoFaultsTest {

  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  void clients_that_misbehave_cost_nobody_a_byte_and_leave_nothing(String engine) throws Exception {
    try (JanusProcess echo = JanusProcess.echo(engine, "--stats", "100ms")) {
      new FaultClients(echo.address()).all();
      int lines = echo.out().size();
      echo.awaitOutLines(lines + 2);
      echo.awaitLastOut("0 connections (");
      assertThat(echo.out().getLast()).startsWith("0 connections (");
    }
  }
}
