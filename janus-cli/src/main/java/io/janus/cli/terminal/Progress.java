package io.janus.cli.terminal;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** One line on the error stream that is written over while something takes long, if a person is looking on. */
public final class Progress implements AutoCloseable {
  private static final String ERASE_LINE = "\r\u001b[K";
  private static final Path ERROR_STREAM = Path.of("/proc/self/fd/2");

  private final PrintStream err = System.err;
  private final boolean shown;
  private boolean dirty;

  /** Shows progress only where the error stream is a terminal, so that files and pipes stay clean. */
  public Progress() {
    this.shown = isTerminal();
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

  /** Java knows of its standard input and output alone, and the lines go to neither. */
  @SuppressWarnings("SystemConsoleNull") // With -Djdk.console=java.base there is none without a terminal.
  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(ERROR_STREAM).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | InvalidPathException | UnsupportedOperationException e) {
      // No such system.
      Console console = System.console();
      return console != null && console.isTerminal();
    }
  }
}
