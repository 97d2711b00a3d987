package io.janus.connection;

import io.janus.limit.Counter;
import io.janus.loop.Deadline;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * The orderly end of all connections: each is closed once it has been quiet for a moment, and cut when the time is over. Unsent
 * bytes, a pause, and bytes or an end that wait for the handler are not quiet; nor is anybody of whom
 * the kernel may still have something to tell.
 */
final class Drain extends Deadline {
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ConnectionManager manager;
  private final long until;
  private final IntConsumer drained;
  private int cut;
  private boolean over;
  private long due;

  Drain(ConnectionManager manager, long until, IntConsumer drained) {
    this.manager = manager;
    this.until = until;
    this.drained = drained;
    this.due = manager.loop.now();
  }

  void look(long now) {
    if (manager.registry.size() == 0) {
      manager.drains.ended(this);
      drained.accept(cut);
      return;
    }
    if (!over && now - until >= 0) {
      over = true;
      // Who came by them now would be cut in his turn, and with enough of them there would be no end.
      manager.listeners.rest("a drain whose time is over cuts what is left");
    }
    // What the kernel has not told yet may be a request that came in time.
    long known = manager.horizon.upTo();
    manager.horizon.want(now);
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
          } else if (known - connection.activeAt >= QUIET_NANOS) {
            manager.close(connection);
          }
        });
    // A look at very many takes longer than the time between two, and their ends are work of the loop, too.
    boolean late = now - due > LOOK_EVERY_NANOS;
    due = now + (late ? QUIET_NANOS : LOOK_EVERY_NANOS);
    manager.loop.timers().schedule(this, due);
  }

  void countCut() {
    cut++;
  }

  /** True if its time is over. */
  boolean isOver() {
    return over;
  }

  /** The loop has ended, and all connections with it. */
  void cutShort(int alive) {
    manager.loop.timers().cancel(this);
    drained.accept(cut + alive);
  }

  private static boolean isBusy(Connection connection) {
    return connection.state() == ConnectionState.OPEN
        && (connection.outbound != null
            || connection.held != null
            || connection.has(ConnectionState.PAUSED | ConnectionState.HELD_END));
  }

  private void cutOff(Connection connection) {
    if (connection.state() < ConnectionState.CANCELLING) {
      // Of several drains the first whose time is over cuts, and all must say that some were cut.
      manager.drains.countCut();
      manager.counters.increment(Counter.CUT);
      manager.ending.cutOff(connection);
    }
  }

  @Override
  protected void expired(long nowNanos) {
    look(nowNanos);
  }
}
