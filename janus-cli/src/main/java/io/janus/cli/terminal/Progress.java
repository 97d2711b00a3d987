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

  /** The console of Windows takes an escape for text unless a program has switched that on, so there blanks erase a line. */
  private static final int WINDOWS_LINE = 79;
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
      err.print(HostSystem.WINDOWS ? "\r" + fixed(text) : ERASE_LINE + text);
      err.flush();
      dirty = true;
    }
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (dirty) {
      err.print(HostSystem.WINDOWS ? "\r" + fixed("") + "\r" : ERASE_LINE);
      err.flush();
      dirty = false;
    }
  }

  /** As long as a line, so that it covers the one before. */
  private static String fixed(String text) {
    return text.length() < WINDOWS_LINE
        ? text + " ".repeat(WINDOWS_LINE - text.length())
        : text.substring(0, WINDOWS_LINE);
  }

  /** Java knows of its standard input and output alone, and the lines go to neither. */
  @SuppressWarnings("SystemConsoleNull") // With -Djdk.console=java.base there is none without a terminal.
  private static boolean isTerminal() {
    if (HostSystem.WINDOWS) {
      // The output stands for the error stream there: nothing tells of the latter alone.
      Console console = System.console();
      return console != null && console.isTerminal();
    }
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
