package io.janus.bench;

import io.janus.buffer.BufferPool;
import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.Handler;
import io.janus.connection.ReadinessConnectionManager;
import io.janus.emulation.PollingPort;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.loop.Reporter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The engine's own time per echoed message, with a kernel that costs nothing; the bound of the design is 350 ns. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@org.openjdk.jmh.annotations.Measurement(iterations = 5, time = 1)
public class HotPathBenchmark {
  private static final int MESSAGES = 10_240;
  private static final int CONNECTIONS = 1_000;
  private static final int MESSAGE_BYTES = 64;

  /** Which manager. */
  @Param({"epoll", "emulated"}) public String engine = "";

  private EventLoop loop;
  private ConnectionManager manager;

  /** Opens the loop and lets it accept all connections. */
  @Setup
  public void open() throws Exception {
    Limits limits = Limits.defaults();
    loop = new EventLoop("bench", limits, Clock.SYSTEM, Reporter.LOGGER);
    loop.open(this::openManager);
    Handler echo = (connection, buffer) -> connection.send(buffer);
    manager.listen(0, echo);
    while (manager.connections() < CONNECTIONS) {
      loop.turn();
    }
  }

  /** As many turns as echo the messages of one invocation. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public long echo() {
    Counters counters = manager.counters();
    long until = counters.get(Counter.MESSAGES) + MESSAGES;
    while (counters.get(Counter.MESSAGES) < until) {
      loop.turn();
    }
    return counters.get(Counter.BYTES_SENT);
  }

  private ConnectionManager openManager(EventLoop owner) {
    Limits limits = Limits.defaults();
    Counters counters = new Counters();
    FakeKernel kernel = new FakeKernel(CONNECTIONS, MESSAGE_BYTES);
    BufferPool pool = new BufferPool(limits.bufferBytes(), limits.poolBytes());
    ConnectionBudget budget = new ConnectionBudget(CONNECTIONS);
    manager =
        engine.equals("epoll")
            ? new ReadinessConnectionManager(
                owner, limits, counters, kernel.sockets(), pool, budget, kernel.poller())
            : new CompletionConnectionManager(
                owner,
                limits,
                counters,
                kernel.sockets(),
                pool,
                budget,
                new PollingPort(
                    kernel.poller(), kernel.sockets(), pool, limits, counters, true));
    return manager;
  }
}
