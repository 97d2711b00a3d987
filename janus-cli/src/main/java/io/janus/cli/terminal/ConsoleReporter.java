package io.janus.cli.terminal;

import io.janus.loop.Reporter;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the engine reports as one line on the error stream. The same sentence comes at most once a second, however many
 * loops say it.
 */
public final class ConsoleReporter implements Reporter {
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_REMEMBERED = 64;

  private final PrintWriter err;
  private final Map<String, Long> saidAt = new HashMap<>();

  /** Writes to this stream. */
  public ConsoleReporter(PrintWriter err) {
    this.err = err;
    // Out of descriptors, which is one of the things reported, no class can be read any more, so the words are read now.
    CommandWords.of("");
  }

  @Override
  public synchronized void report(String sentence, @Nullable Throwable cause) {
    long now = System.nanoTime();
    Long before = saidAt.get(sentence);
    if (before != null && now - before < EVERY_NANOS) {
      return;
    }
    if (saidAt.size() >= MOST_REMEMBERED) {
      saidAt.clear();
    }
    saidAt.put(sentence, now);
    // A bare Throwable is the watchdog's picture of a blocked loop: there the stack is the message.
    boolean picture = cause != null && cause.getClass() == Throwable.class;
    String why = cause == null || picture ? "" : ": " + cause;
    err.println("janus: " + CommandWords.of(sentence + why).replaceAll("\\s*\\R\\s*", " "));
    if (cause != null && (picture || FailurePrinter.DEBUG)) {
      cause.printStackTrace(err);
    }
    err.flush();
  }
}
