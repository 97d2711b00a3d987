package io.janus.contract;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.readiness.Poller;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.function.UnaryOperator;

/**
 * Where a contract test runs: real sockets on this machine's kernel, or the simulated network. One
 * world is one backend; everything it makes belongs to the calling thread and is closed by the test.
 */
public interface World extends AutoCloseable {
  /** The backend's name, for the test report. */
  String name();

  /** The synchronous verbs of this world, one instance for the life of the world. */
  Sockets sockets();

  /** A new poller, or null where the backend is a completion port only. */
  Poller poller(int batch, Counters counters) throws OsException;

  /** A new port over the pool. */
  CompletionPort port(BufferPool pool, Limits limits, Counters counters) throws OsException;

  /** A new manager for the loop; opened on the loop's thread. */
  ConnectionManager manager(
      EventLoop loop, Limits limits, ConnectionBudget budget) throws OsException;

  /** Ports of managers that are made from now on are what this makes of them. */
  default void alterPorts(UnaryOperator<CompletionPort> change) {
    throw new UnsupportedOperationException(name() + " alters no ports");
  }

  /** This world's time. */
  Clock clock();

  /** An address to bind with a port of the system's choice. */
  Address anyAddress();

  /** Lets the network move a little while nobody waits in an await; a simulated one takes a step. */
  default void letTimePass() {
    Thread.yield();
  }

  /** True if other threads may take part (wake, post, change); false in one-threaded simulations. */
  boolean hasThreads();

  @Override
  void close();
}
