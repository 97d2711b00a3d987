package io.janus.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The results that the engine branches on, with the numbers of whatever system the test runs on. */
class ErrorCodeTest {
  private static final Map<String, ErrorKind> KINDS = Map.ofEntries(
      Map.entry("WOULD_BLOCK", ErrorKind.WOULD_BLOCK),
      Map.entry("INTERRUPTED", ErrorKind.INTERRUPTED),
      Map.entry("IN_PROGRESS", ErrorKind.IN_PROGRESS),
      Map.entry("CANCELLED", ErrorKind.CANCELLED),
      Map.entry("TIMED_OUT", ErrorKind.TIMED_OUT),
      Map.entry("BUSY", ErrorKind.BUSY),
      Map.entry("NO_BUFFER", ErrorKind.OUT_OF_MEMORY),
      Map.entry("NO_MEMORY", ErrorKind.OUT_OF_MEMORY),
      Map.entry("NOT_FOUND", ErrorKind.NOT_FOUND),
      Map.entry("INVALID", ErrorKind.INVALID_ARGUMENT),
      Map.entry("ALREADY_CONNECTED", ErrorKind.ALREADY_CONNECTED),
      Map.entry("NOT_SUPPORTED", ErrorKind.NOT_SUPPORTED),
      Map.entry("NO_SUCH_FAMILY", ErrorKind.NOT_SUPPORTED),
      Map.entry("CONNECTION_ABORTED", ErrorKind.CONNECTION_ABORTED),
      Map.entry("CONNECTION_RESET", ErrorKind.CONNECTION_RESET),
      Map.entry("OUT_OF_DESCRIPTORS", ErrorKind.OUT_OF_DESCRIPTORS),
      Map.entry("TABLE_FULL", ErrorKind.OUT_OF_DESCRIPTORS),
      Map.entry("BACKLOG_FULL", ErrorKind.BUSY));

  @Test
  void everyCodeIsANumberOfItsOwnThatThisSystemKnowsByTheSameKind() throws Exception {
    Set<Integer> numbers = new HashSet<>();
    for (var field : ErrorCode.class.getFields()) {
      int code = field.getInt(null);
      assertThat(code).as(field.getName()).isNegative();
      assertThat(numbers.add(code)).as(field.getName() + " is used twice").isTrue();
      assertThat(OsError.kindOf(code)).as(field.getName()).isEqualTo(KINDS.get(field.getName()));
    }
    assertThat(numbers).hasSameSizeAs(KINDS.keySet());
  }
}
