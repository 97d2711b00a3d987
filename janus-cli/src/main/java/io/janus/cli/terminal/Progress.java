package io.janus.cli.terminal;

import java.io.Console;
import java.io.PrintStream;

/** One line on the error stream that is written over while something takes long, if a person is looking on. */
public final class Progress implements AutoCloseable {
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream err = System.err;
  private final boolean shown;
  private boolean dirty;

  /** Shows progress only on a terminal, so that files and pipes stay clean. */
  @SuppressWarnings("SystemConsoleNull") // With -Djdk.console=java.base there is none without a terminal.
  public Progress() {
    Console console = System.console();
    this.shown = console != null && console.isTerminal();
  }

  /** Replaces the line. */
  public void show(String text) {
    if (shown) {
      err.print(ERASE_LINE + text);
      err.flush();
      dirty = true;
    }
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (dirty) {
      err.print(ERASE_LINE);
      err.flush();
      dirty = false;
    }
  }
}
