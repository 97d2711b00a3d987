package io.janus.connection;

import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.loop.Deadline;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * The orderly end of all connections: each is closed once it has been quiet for a moment, and cut when the time is over. Unsent
 * bytes, a pause, and bytes or an end that wait for the handler are not quiet; what the kernel has not yet told the loop is not seen.
 */
final class Drain extends Deadline {
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** A look that comes so long after the one before was held up, and the bytes of that time may not have been told yet. */
  private static final long LATE_NANOS = QUIET_NANOS / 2;

  private final ConnectionManager manager;
  private final long until;
  private final IntConsumer drained;
  private int cut;
  private long lookedAt;

  /** Since then no look was late. Nobody was quiet before for all that is known. */
  private long inTimeSince;

  Drain(ConnectionManager manager, long until, IntConsumer drained) {
    this.manager = manager;
    this.until = until;
    this.drained = drained;
    this.lookedAt = manager.loop.now();
    this.inTimeSince = lookedAt - QUIET_NANOS;
  }

  void look(long now) {
    if (now - lookedAt > LATE_NANOS) {
      inTimeSince = now;
    }
    lookedAt = now;
    if (manager.registry.size() == 0) {
      drained.accept(cut);
      return;
    }
    boolean over = now - until >= 0;
    manager.registry.forEach(
        connection -> {
          if (connection.handler == RefusedHandler.INSTANCE) {
            return;
          }
          if (over) {
            cutOff(connection);
          } else if (isBusy(connection)) {
            // The quiet moment begins when the work has ended, and bytes that a pause has kept waiting are still to come then.
            connection.activeAt = now;
          } else if (now - connection.activeAt >= QUIET_NANOS
              && now - inTimeSince >= QUIET_NANOS) {
            manager.close(connection);
          }
        });
    manager.loop.timers().schedule(this, now + LOOK_EVERY_NANOS);
  }

  private static boolean isBusy(Connection connection) {
    return connection.state() == ConnectionState.OPEN
        && (connection.outbound != null
            || connection.held != null
            || connection.has(ConnectionState.PAUSED | ConnectionState.HELD_END));
  }

  private void cutOff(Connection connection) {
    if (connection.state() < ConnectionState.CANCELLING) {
      cut++;
      manager.counters.increment(Counter.CUT);
      connection.errorCode = ErrorCode.TIMED_OUT;
      manager.abort(connection);
    }
  }

  @Override
  protected void expired(long nowNanos) {
    look(nowNanos);
  }
}
