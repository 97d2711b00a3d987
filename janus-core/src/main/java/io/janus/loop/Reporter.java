package io.janus.loop;

import org.jspecify.annotations.Nullable;

/** Is told, in one sentence, what a person running the engine should know. Called on a loop's or the watchdog's thread. */
@FunctionalInterface
public interface Reporter {
  /** Writes to the platform's logger named {@code io.janus}. */
  Reporter LOGGER =
      (sentence, cause) -> {
        System.Logger logger = System.getLogger("io.janus");
        if (cause == null) {
          logger.log(System.Logger.Level.WARNING, sentence);
        } else {
          logger.log(System.Logger.Level.WARNING, sentence, cause);
        }
      };

  /**
   * @param sentence what happened and what helps
   * @param cause with its stack where there is one
   */
  void report(String sentence, @Nullable Throwable cause);
}
