package io.janus.connection;

import io.janus.loop.Deadline;
import java.util.concurrent.TimeUnit;

/** The orderly end of all connections: each is closed once it has been quiet for a moment, and cut when the time is over. */
final class Drain extends Deadline {
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ConnectionManager manager;
  private final long until;
  private final Runnable drained;

  Drain(ConnectionManager manager, long until, Runnable drained) {
    this.manager = manager;
    this.until = until;
    this.drained = drained;
  }

  void look(long now) {
    if (manager.registry.size() == 0) {
      drained.run();
      return;
    }
    boolean over = now - until >= 0;
    manager.registry.forEach(
        connection -> {
          if (over) {
            manager.abort(connection);
          } else if (connection.outbound == null && now - connection.activeAt >= QUIET_NANOS) {
            manager.close(connection);
          }
        });
    manager.timers().schedule(this, now + LOOK_EVERY_NANOS);
  }

  @Override
  protected void expired(long nowNanos) {
    look(nowNanos);
  }
}
