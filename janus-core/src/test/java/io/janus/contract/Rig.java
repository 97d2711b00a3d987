package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.Handler;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.Deadline;
import io.janus.loop.EventLoop;
import io.janus.loop.EventSource;
import io.janus.socket.Address;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** A loop with a connection manager, driven by turns or by its thread, and the way to wait for what happens on it. */
final class Rig implements AutoCloseable {
  final World world;
  final Drive drive;
  final EventLoop loop;
  final ConnectionBudget budget;
  final List<String> reports = new CopyOnWriteArrayList<>();
  private final EventSource source;
  private ConnectionManager manager;
  private boolean closed;

  Rig(World world, Drive drive, Limits limits) throws OsException {
    this(world, drive, limits,
        new ConnectionBudget(limits.connections() == 0 ? 1 << 20 : limits.connections()));
  }

  /** One of several loops that have a budget together. */
  Rig(World world, Drive drive, Limits limits, ConnectionBudget budget) throws OsException {
    this(world, drive, limits, budget, world.clock());
  }

  /** One whose deadlines go by a clock of the test's own. */
  Rig(World world, Drive drive, Limits limits, Clock clock) throws OsException {
    this(world, drive, limits, new ConnectionBudget(1 << 20), clock);
  }

  private Rig(World world, Drive drive, Limits limits, ConnectionBudget budget, Clock clock)
      throws OsException {
    this.world = world;
    this.drive = drive;
    this.budget = budget;
    this.loop =
        new EventLoop("rig", limits, clock, (sentence, cause) -> reports.add(sentence));
    EventLoop.SourceFactory factory = made -> {
      manager = world.manager(made, limits, budget);
      return manager;
    };
    if (drive == Drive.BY_THREAD) {
      loop.start(factory);
      source = manager;
    } else {
      source = loop.open(factory);
      new Heartbeat().beat();
    }
  }

  ConnectionManager manager() {
    return manager;
  }

  long count(Counter counter) {
    return manager.counters().get(counter);
  }

  /** Takes turns, or lets the loop's thread take them, until the condition is true. */
  void until(String what, BooleanSupplier condition) {
    if (drive == Drive.BY_THREAD) {
      Wait.until(what, condition);
    } else {
      Wait.until(what, condition, loop::turn);
    }
  }

  /** A few turns, or a few moments, in which whatever is to happen by itself can happen. */
  void forAWhile() {
    forAWhile(() -> {});
  }

  void forAWhile(Runnable meanwhile) {
    int[] steps = new int[1];
    until("a while is over", () -> {
      meanwhile.run();
      return ++steps[0] > 12;
    });
  }

  /** Runs a task on the loop's thread and waits until it is done. */
  void run(Runnable task) {
    AtomicBoolean done = new AtomicBoolean();
    loop.execute(() -> {
      try {
        task.run();
      } finally {
        done.set(true);
      }
    });
    until("a task has run on the loop", done::get);
  }

  Address listen(Handler handler) {
    long socket = SocketPair.listen(world);
    Address at = world.sockets().localAddress(socket);
    run(() -> manager.listen(socket, handler));
    return at;
  }

  void connect(Address to, Handler handler) {
    run(() -> manager.connect(to, handler));
  }

  /** Ends the loop as Janus.close does. */
  @Override
  public void close() throws Exception {
    if (closed) {
      return;
    }
    closed = true;
    if (drive == Drive.BY_THREAD) {
      loop.stop();
      assertThat(loop.join(20, TimeUnit.SECONDS)).as("the loop's thread has ended").isTrue();
    } else {
      source.close();
    }
  }

  /** Bounds the wait of a turn, so that a test can look at its condition. */
  private final class Heartbeat extends Deadline {
    void beat() {
      loop.timers().schedule(this, loop.now() + TimeUnit.MILLISECONDS.toNanos(2));
    }

    @Override
    protected void expired(long nowNanos) {
      beat();
    }
  }
}
