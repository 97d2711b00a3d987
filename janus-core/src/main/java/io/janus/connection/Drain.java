package io.janus.connection;

import io.janus.ffi.ErrorCode;
import io.janus.loop.Deadline;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** The orderly end of all connections: each is closed once it has been quiet for a moment, and cut when the time is over. */
final class Drain extends Deadline {
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ConnectionManager manager;
  private final long until;
  private final IntConsumer drained;
  private int cut;

  Drain(ConnectionManager manager, long until, IntConsumer drained) {
    this.manager = manager;
    this.until = until;
    this.drained = drained;
  }

  void look(long now) {
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
          } else if (connection.outbound == null && now - connection.activeAt >= QUIET_NANOS) {
            manager.close(connection);
          }
        });
    manager.loop.timers().schedule(this, now + LOOK_EVERY_NANOS);
  }

  private void cutOff(Connection connection) {
    if (connection.state() < ConnectionState.CANCELLING) {
      cut++;
      connection.errorCode = ErrorCode.TIMED_OUT;
      manager.abort(connection);
    }
  }

  @Override
  protected void expired(long nowNanos) {
    look(nowNanos);
  }
}
