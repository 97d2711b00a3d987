package io.janus.cli.terminal;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;

/** The engine's sentences for who has a command line and no program: remedies that name classes name options here. */
public final class CommandWords {
  private static final String FULL_TABLE = OsError.of(ErrorCode.TABLE_FULL).remedy();
  private static final String MORE_TABLES =
      "use more loops (--loops), each of which has a table of its own, or start with a higher limit of descriptors (`ulimit -n`), as large"
          + " as which each table is made, or hold fewer connections";

  private CommandWords() {}

  /** The same sentence in the words of the commands. */
  public static String of(String sentence) {
    return sentence.replace(FULL_TABLE, MORE_TABLES)
        .replace("(Limits.connections, echo --max-connections)", "(--max-connections)")
        .replace(
            "(EngineOptions.directDescriptors, echo --descriptors direct)",
            "(--descriptors direct)")
        .replace(
            "raise the limit of operations (Limits.operations), use more loops",
            "use more loops (--loops)");
  }
}
