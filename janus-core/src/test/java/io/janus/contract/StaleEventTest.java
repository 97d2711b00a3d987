package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.ReadinessConnectionManager;
import io.janus.emulation.PollingPort;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The managers' own defence: a kernel below that lets an event of a closed connection through, as none should. The next connection in
 * the same slot must not notice, and the event is counted.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StaleEventTest {
  private final World kernel = new KernelWorld(KernelWorld.Engine.EPOLL);

  /** Tokens of connections in the order in which the engine told the kernel of them. */
  private final List<Long> tokens = new ArrayList<>();

  /** The token to be told once more, or below zero. */
  private long late = -1;

  @AfterEach
  void closeTheKernel() {
    kernel.close();
  }

  @Test
  void lateEventOfAPollerMeetsNobody() throws Exception {
    staleTokenMeetsNobody(new Below(this::overALeakyPoller));
  }

  @Test
  void lateCompletionOfAPortMeetsNobody() throws Exception {
    staleTokenMeetsNobody(new Below(this::overALeakyPort));
  }

  private void staleTokenMeetsNobody(World world) throws Exception {
    Scripted server = Scripted.echo();
    try (Rig rig = new Rig(world, Drive.BY_TURNS, ManagerTest.LIMITS)) {
      Address at = rig.listen(server);
      try (Peer first = new Peer(world, at)) {
        first.send("1");
        rig.until("the first one is answered", () -> first.hasReceived("1"));
        first.shutdownOutput();
        rig.until("the first one is closed", () -> server.closed.get() == 1);
      }
      long gone = tokens.getFirst();
      try (Peer second = new Peer(world, at)) {
        second.send("2");
        rig.until("the second one is answered", () -> second.hasReceived("2"));
        long living = tokens.getLast();
        assertThat((int) living).as("slot").isEqualTo((int) gone);
        assertThat(living).isNotEqualTo(gone);
        long before = rig.count(Counter.STALE_EVENTS);
        late = gone;
        rig.until("it was told", () -> late < 0);
        rig.forAWhile();
        assertThat(rig.count(Counter.STALE_EVENTS) - before).isEqualTo(1);
        assertThat(server.closed.get()).isEqualTo(1);
        second.send("3");
        rig.until("the second one is served as before", () -> second.hasReceived("23"));
      }
    }
    assertThat(server.violations).isEmpty();
  }

  private ConnectionManager overALeakyPoller(EventLoop loop, Limits limits, ConnectionBudget budget)
      throws OsException {
    Counters counters = new Counters();
    Poller below = Poller.open(limits.batchEvents(), counters);
    Poller leaky = (Poller) Proxy.newProxyInstance(Poller.class.getClassLoader(),
        new Class<?>[] {Poller.class}, (proxy, method, arguments) -> {
          Object result = called(() -> method.invoke(below, arguments));
          if (method.getName().equals("add")) {
            remember((long) arguments[3]);
          } else if (method.getName().equals("await") && late >= 0) {
            ((Ready) arguments[0]).put(late, Ready.GONE);
            late = -1;
            return (int) result + 1;
          }
          return result;
        });
    return new ReadinessConnectionManager(loop, limits, counters, Sockets.open(counters),
        new BufferPool(limits.bufferBytes(), limits.poolBytes()), budget, leaky);
  }

  private ConnectionManager overALeakyPort(EventLoop loop, Limits limits, ConnectionBudget budget)
      throws OsException {
    Counters counters = new Counters();
    Sockets sockets = Sockets.open(counters);
    BufferPool pool = new BufferPool(limits.bufferBytes(), limits.poolBytes());
    CompletionPort below = new PollingPort(
        Poller.open(limits.batchEvents(), counters), sockets, pool, limits, counters, true);
    CompletionPort leaky = (CompletionPort) Proxy.newProxyInstance(
        CompletionPort.class.getClassLoader(), new Class<?>[] {CompletionPort.class},
        (proxy, method, arguments) -> {
          Object result = called(() -> method.invoke(below, arguments));
          if (method.getName().equals("receive")) {
            remember((long) arguments[2]);
          } else if (method.getName().equals("await") && late >= 0) {
            ((Completions) arguments[0]).put(Operation.RECEIVE, late, ErrorCode.CONNECTION_RESET,
                false, 0, null, null);
            late = -1;
            return (int) result + 1;
          }
          return result;
        });
    return new CompletionConnectionManager(loop, limits, counters, sockets, pool, budget, leaky);
  }

  private void remember(long token) {
    if (token >= 0) {
      tokens.add(token);
    }
  }

  private interface Call {
    Object run() throws ReflectiveOperationException;
  }

  private static Object called(Call call) throws Throwable {
    try {
      return call.run();
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private interface ManagerMaker {
    ConnectionManager make(EventLoop loop, Limits limits, ConnectionBudget budget)
        throws OsException;
  }

  /** This machine's kernel, with a manager of the test's making. */
  private final class Below implements World {
    private final ManagerMaker maker;

    Below(ManagerMaker maker) {
      this.maker = maker;
    }

    @Override
    public String name() {
      return "leaky";
    }

    @Override
    public Sockets sockets() {
      return kernel.sockets();
    }

    @Override
    public Poller poller(int batch, Counters counters) throws OsException {
      return kernel.poller(batch, counters);
    }

    @Override
    public CompletionPort port(BufferPool pool, Limits limits, Counters counters)
        throws OsException {
      return kernel.port(pool, limits, counters);
    }

    @Override
    public ConnectionManager manager(EventLoop loop, Limits limits, ConnectionBudget budget)
        throws OsException {
      return maker.make(loop, limits, budget);
    }

    @Override
    public Clock clock() {
      return kernel.clock();
    }

    @Override
    public Address anyAddress() {
      return kernel.anyAddress();
    }

    @Override
    public boolean hasThreads() {
      return true;
    }

    @Override
    public void close() {
      // The kernel is closed by the test.
    }
  }
}
