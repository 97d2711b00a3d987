package io.janus.loop;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Formatter;
import org.jspecify.annotations.Nullable;

/** The platform's logger named {@code io.janus}. */
final class PlatformLogger implements Reporter {
  private static final String NAME = "io.janus";

  @Override
  public void prepare() {
    // Reads the configuration, and is answered by what will write.
    System.getLogger(NAME).isLoggable(System.Logger.Level.WARNING);
    // The JDK's own logger begins with the time, which takes the zones and their names from files.
    new Formatter().format("%1$tc %1$tb %1$Tp", ZonedDateTime.now(ZoneId.systemDefault())).close();
  }

  @Override
  public void report(String sentence, @Nullable Throwable cause) {
    System.Logger logger = System.getLogger(NAME);
    if (cause == null) {
      logger.log(System.Logger.Level.WARNING, sentence);
    } else {
      logger.log(System.Logger.Level.WARNING, sentence, cause);
    }
  }
}
