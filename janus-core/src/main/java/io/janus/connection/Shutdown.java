package io.janus.connection;

import io.janus.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The end of a manager: its connections are aborted and awaited, then whatever is left is closed. No step's failure keeps the
 * next from being taken.
 */
final class Shutdown {
  /** Turns in which no connection ends, one after the other, until the rest is given up. */
  private static final int IDLE_TURNS = 2_000;

  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final ConnectionManager manager;

  /** What was reported already. */
  private final Set<String> told = new HashSet<>();

  Shutdown(ConnectionManager manager) {
    this.manager = manager;
    told.add(String.valueOf(manager.loop.failure()));
  }

  void run() {
    // Only a number never reached before counts as a step forward.
    int fewest = Integer.MAX_VALUE;
    for (int idle = 0; idle < IDLE_TURNS && manager.registry.size() > 0; idle++) {
      if (manager.registry.size() < fewest) {
        fewest = manager.registry.size();
        idle = 0;
      }
      step("closing the connections", this::turn);
    }
    step("closing the engine", manager::closeModel);
    step("telling the last connections", () -> manager.registry.forEach(this::tell));
    step("telling what was not told", manager.calls::ended);
    step("telling what was not told", manager.ending::ended);
    step("closing the sockets", manager.sockets::close);
    step("closing the buffer pool", manager.pool::close);
  }

  /** Aborts again in each turn: a callback may just have asked for more. */
  private void turn() {
    manager.registry.forEach(manager::abort);
    manager.prepare();
    if (manager.await(TURN_NANOS) > 0) {
      manager.dispatch();
    }
  }

  private void tell(Connection connection) {
    ArrayDeque<Buffer> held = connection.held;
    if (held != null) {
      connection.held = null;
      held.forEach(Buffer::release);
    }
    manager.released(connection);
  }

  private void step(String what, Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      // What has ended the loop goes on failing here, turn after turn.
      if (told.add(e.toString())) {
        manager.loop.reporter()
            .report(what + " of " + manager.loop.name() + " failed: " + e.getMessage(), e);
      }
    }
  }
}
