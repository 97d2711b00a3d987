package io.janus.contract;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.iocp.IocpPort;
import io.janus.completion.uring.UringPort;
import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.ReadinessConnectionManager;
import io.janus.emulation.PollingPort;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.readiness.Poller;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** This machine's kernel, on both faces and by each of its interfaces. */
final class KernelWorld implements World {
  enum Engine {
    EPOLL,
    AFD,
    EMULATED,
    EMULATED_WAITS_FIRST,
    URING,
    URING_DIRECT,
    URING_ZERO_COPY,
    URING_DIRECT_ZERO_COPY,
    IOCP,
    IOCP_PACKETS;

    boolean isDirect() {
      return this == URING_DIRECT || this == URING_DIRECT_ZERO_COPY;
    }
  }

  static final int DIRECT_DESCRIPTORS = 16_000;

  private final Engine engine;
  private final Sockets sockets = Sockets.open(new Counters());
  private final List<Sockets> portSockets = new ArrayList<>();
  private UnaryOperator<CompletionPort> change = UnaryOperator.identity();

  KernelWorld(Engine engine) {
    this.engine = engine;
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public Sockets sockets() {
    return sockets;
  }

  @Override
  public Poller poller(int batch, Counters counters) throws OsException {
    return Poller.open(batch, counters);
  }

  @Override
  public CompletionPort port(BufferPool pool, Limits limits, Counters counters)
      throws OsException {
    Sockets verbs = Sockets.open(counters);
    portSockets.add(verbs);
    return port(verbs, pool, limits, counters);
  }

  @Override
  public ConnectionManager manager(EventLoop loop, Limits limits, ConnectionBudget budget)
      throws OsException {
    Counters counters = new Counters();
    Sockets verbs = Sockets.open(counters);
    BufferPool pool = new BufferPool(limits.bufferBytes(), limits.poolBytes());
    return engine.compareTo(Engine.EMULATED) < 0
        ? new ReadinessConnectionManager(loop, limits, counters, verbs, pool, budget,
            poller(limits.batchEvents(), counters))
        : new CompletionConnectionManager(loop, limits, counters, verbs, pool, budget,
            change.apply(port(verbs, pool, limits, counters)));
  }

  @Override
  public void alterPorts(UnaryOperator<CompletionPort> by) {
    change = by;
  }

  @Override
  public Clock clock() {
    return Clock.SYSTEM;
  }

  @Override
  public Address anyAddress() {
    return new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  }

  @Override
  public boolean hasThreads() {
    return true;
  }

  @Override
  public void close() {
    portSockets.forEach(Sockets::close);
    sockets.close();
  }

  @Override
  public String toString() {
    return name();
  }

  private CompletionPort port(Sockets verbs, BufferPool pool, Limits limits, Counters counters)
      throws OsException {
    return switch (engine) {
      case URING -> UringPort.open(verbs, pool, limits, counters, 0, 0);
      case URING_DIRECT ->
          UringPort.open(verbs, pool, limits, counters, DIRECT_DESCRIPTORS, 0);
      case URING_ZERO_COPY -> UringPort.open(verbs, pool, limits, counters, 0, 1);
      case URING_DIRECT_ZERO_COPY ->
          UringPort.open(verbs, pool, limits, counters, DIRECT_DESCRIPTORS, 1);
      case IOCP, IOCP_PACKETS -> IocpPort.open(
          verbs, pool, limits, counters, engine == Engine.IOCP);
      default -> new PollingPort(poller(limits.batchEvents(), counters), verbs, pool, limits,
          counters, engine != Engine.EMULATED_WAITS_FIRST);
    };
  }
}
