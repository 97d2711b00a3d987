package io.janus.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** Who has a command line is told of options, and who has a program of classes. */
class CommandWordsTest {
  private static final OsError FULL_TABLE = OsError.of(ErrorCode.TABLE_FULL);

  @Test
  void a_full_table_names_the_class_in_the_library_and_the_option_in_a_report() {
    assertThat(FULL_TABLE.toString()).contains("PortOptions.directDescriptors");
    StringWriter lines = new StringWriter();
    new ConsoleReporter(new PrintWriter(lines, true))
        .report("accepting pauses: " + FULL_TABLE, null);
    assertThat(lines.toString()).startsWith("janus: accepting pauses: the ring's own table")
        .contains("--loops", "`ulimit -n`", "hold fewer connections")
        .doesNotContain("PortOptions");
  }

  @Test
  void and_in_a_failure() {
    StringWriter lines = new StringWriter();
    FailurePrinter.print(
        null, new PrintWriter(lines, true), new OsException("adopt a socket", FULL_TABLE));
    assertThat(lines.toString()).contains("--loops").doesNotContain("PortOptions");
  }

  @Test
  void other_sentences_stay_as_they_are() {
    assertThat(CommandWords.of("what else; do this")).isEqualTo("what else; do this");
  }
}
