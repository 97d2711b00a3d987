package io.janus.simulation;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.PortOptions;
import io.janus.completion.uring.UringOverKernel;
import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.ReadinessConnectionManager;
import io.janus.contract.World;
import io.janus.emulation.PollingPort;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.readiness.Poller;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One simulated backend on a network of its own. */
public final class SimWorld implements World {
  /** A ring none of whose sends are copied. */
  public static final String RING_ZERO_COPY = "sim-uring-zero-copy";

  private static final int MOST_PLACES = 16_000;

  /** A larger pool is a contract test's, and it would take long to look at all of its buffers. */
  private static final int MOST_GUARDED_BUFFERS = 64;

  private final Backend backend;
  private final SimNetwork network;
  private final PlantedBug bug;
  private final SimSockets sockets;

  /** Sends of so many bytes and more are not copied; below zero it is the seed's. */
  private final int uncopied;

  private UnaryOperator<CompletionPort> change = UnaryOperator.identity();
  private @Nullable BufferPool lastPool;
  private @Nullable CompletionPort lastPort;

  SimWorld(Backend backend, SimNetwork network, PlantedBug bug) {
    this(backend, network, bug, -1);
  }

  private SimWorld(Backend backend, SimNetwork network, PlantedBug bug, int uncopied) {
    this.uncopied = uncopied;
    this.backend = backend;
    this.network = network;
    this.bug = bug;
    this.sockets = new SimSockets(network, new Counters());
  }

  /** A world without faults and delays, in which the contract tests hold as on real sockets. */
  static SimWorld calm(Backend backend) {
    return calm(backend, 0);
  }

  private static SimWorld calm(Backend backend, int uncopied) {
    SimNetwork network =
        new SimNetwork(new Dice(1), new Trace(false), new Checks(), Faults.none());
    return new SimWorld(backend, network, PlantedBug.NONE, uncopied);
  }

  /** A calm world by the name of its backend, for the list of all worlds. */
  public static World named(String title) {
    for (Backend backend : Backend.values()) {
      if (backend.title.equals(title)) {
        return calm(backend);
      }
    }
    if (title.equals(RING_ZERO_COPY)) {
      return calm(Backend.RING, 1);
    }
    throw new IllegalArgumentException(title + " is no simulated backend");
  }

  @Override
  public String name() {
    return backend.title;
  }

  @Override
  public Sockets sockets() {
    return sockets;
  }

  @Override
  public @Nullable Poller poller(int batch, Counters counters) {
    if (!backend.hasPoller()) {
      return null;
    }
    SimPoller poller = new SimPoller(network, backend.isAfd(), batch, counters, bug);
    return bug == PlantedBug.STALE_TOKENS ? new StalePoller(poller, network.dice) : poller;
  }

  @Override
  public CompletionPort port(BufferPool pool, Limits limits, Counters counters)
      throws OsException {
    Poller poller = poller(limits.batchEvents(), counters);
    CompletionPort port =
        poller != null
            ? new PollingPort(poller, new SimSockets(network, counters), pool, limits, counters,
                network.dice.below(4) != 0)
            : backend.isRing()
                ? overRing(pool, limits, counters)
            : new SimPort(network, pool, limits, counters, bug);
    lastPort = port;
    return port;
  }

  /** All of the real port, on a kernel that is none. */
  private CompletionPort overRing(BufferPool pool, Limits limits, Counters counters)
      throws OsException {
    SimRing ring =
        new SimRing(network, new SimGuard(network.checks, pool, MOST_GUARDED_BUFFERS));
    int table =
        backend == Backend.RING_DIRECT ? Math.min(network.descriptorLimit, MOST_PLACES) : 0;
    int least =
        uncopied >= 0 ? uncopied : network.faults.wild ? network.dice.oneOf(0, 0, 1, 100) : 0;
    return UringOverKernel.open(
        ring, new SimSockets(network, counters), pool, limits, counters,
        PortOptions.defaults().withDirectDescriptors(table).withZeroCopyBytes(least));
  }

  /** The pool of the last manager. */
  @Nullable
  BufferPool pool() {
    return lastPool;
  }

  /** Operations in flight on the last port. */
  int inFlight() {
    return lastPort == null ? 0 : lastPort.inFlight();
  }

  @Override
  public ConnectionManager manager(EventLoop loop, Limits limits, ConnectionBudget budget)
      throws OsException {
    Counters counters = new Counters();
    Sockets verbs = new SimSockets(network, counters);
    BufferPool pool = new BufferPool(limits.bufferBytes(), limits.poolBytes());
    lastPool = pool;
    Poller poller = backend.isReadiness() ? poller(limits.batchEvents(), counters) : null;
    return poller != null
        ? new ReadinessConnectionManager(loop, limits, counters, verbs, pool, budget, poller)
        : new CompletionConnectionManager(
            loop, limits, counters, verbs, pool, budget,
            change.apply(port(pool, limits, counters)));
  }

  @Override
  public void alterPorts(UnaryOperator<CompletionPort> by) {
    change = by;
  }

  @Override
  public Clock clock() {
    return network::now;
  }

  @Override
  public Address anyAddress() {
    return SimSockets.addressOf(0);
  }

  @Override
  public void letTimePass() {
    network.tick();
  }

  @Override
  public boolean hasThreads() {
    return false;
  }

  @Override
  public void close() {
    network.checks.throwIfBroken();
  }
}
