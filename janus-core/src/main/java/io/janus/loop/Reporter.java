package io.janus.loop;

import org.jspecify.annotations.Nullable;

/** Is told, in one sentence, what a person running the engine should know. Called on a loop's or the watchdog's thread. */
@FunctionalInterface
public interface Reporter {
  /** Writes to the platform's logger named {@code io.janus}. */
  Reporter LOGGER = new PlatformLogger();

  /**
   * Fetches what {@link #report} needs, once for each loop before it begins: the first report may come when the process has no descriptor
   * left to open anything with.
   */
  default void prepare() {}

  /**
   * @param sentence what happened and what helps
   * @param cause with its stack where there is one
   */
  void report(String sentence, @Nullable Throwable cause);
}
