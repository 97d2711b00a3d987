package io.janus.connection;

import io.janus.loop.Deadline;
import io.janus.loop.EventLoop;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Something that a person is to know of, and that can happen to every connection: the first is told at once, and of those that follow within
 * some time the last, with the number of the others. So it is one report in that time at most, and none is left out of the count.
 */
final class Complaint extends Deadline {
  private final EventLoop loop;
  private final long everyNanos;
  private boolean rests;
  private int untold;
  private String last = "";
  private @Nullable Throwable lastCause;

  /** At most every so many seconds. */
  Complaint(EventLoop loop, int seconds) {
    this.loop = loop;
    this.everyNanos = TimeUnit.SECONDS.toNanos(seconds);
  }

  /** The loop's thread. */
  void tell(String sentence, @Nullable Throwable cause) {
    if (rests) {
      untold++;
      last = sentence;
      lastCause = cause;
    } else {
      report(sentence, cause);
    }
  }

  /** Tells at once what waits to be told; the loop ends. */
  void tellRest() {
    loop.timers().cancel(this);
    rests = false;
    if (untold > 0) {
      reportUntold();
    }
  }

  @Override
  protected void expired(long nowNanos) {
    tellRest();
  }

  private void reportUntold() {
    int others = untold - 1;
    String sentence =
        others == 0 ? last
            : last + String.format(Locale.ROOT, " (and %,d more since the last report)", others);
    Throwable cause = lastCause;
    untold = 0;
    lastCause = null;
    report(sentence, cause);
  }

  private void report(String sentence, @Nullable Throwable cause) {
    rests = true;
    loop.timers().schedule(this, loop.now() + everyNanos);
    loop.reporter().report(sentence, cause);
  }
}
