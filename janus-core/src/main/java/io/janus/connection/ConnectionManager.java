package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.loop.EventSource;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop: registry, limits, accepting, deadlines, outbound queues, pauses, the close-join, drain and
 * counters. What differs between readiness and completion is in the two subclasses, behind eight verbs; they call back through
 * the methods of the section "up". Everything here runs on the loop's thread.
 */
public abstract class ConnectionManager implements EventSource {
  static final long STARVED_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  final EventLoop loop;
  final Limits limits;
  final Counters counters;
  final Sockets sockets;
  final BufferPool pool;
  final ConnectionBudget budget;
  final ConnectionRegistry registry = new ConnectionRegistry();
  final ConnectionCalls calls;
  final ConnectionTimes times;
  final ConnectionOutput output;
  final Horizon horizon;
  final Drains drains = new Drains();
  final Ending ending;
  private final Settlement settlement;
  private final Connector connector;
  final Listeners listeners = new Listeners();

  ConnectionManager(
      EventLoop loop,
      Limits limits,
      Counters counters,
      Sockets sockets,
      BufferPool pool,
      ConnectionBudget budget) {
    this.loop = Objects.requireNonNull(loop, "loop");
    this.limits = Objects.requireNonNull(limits, "limits");
    this.counters = Objects.requireNonNull(counters, "counters");
    this.sockets = Objects.requireNonNull(sockets, "sockets");
    this.pool = Objects.requireNonNull(pool, "pool");
    this.budget = budget;
    this.calls = new ConnectionCalls(this);
    this.times = new ConnectionTimes(this);
    this.output = new ConnectionOutput(this);
    this.horizon = new Horizon(loop.now());
    this.ending = new Ending(this);
    this.settlement = new Settlement(this);
    this.connector = new Connector(this);
  }

  // ---- down: the eight verbs of a model, and the wait

  /** Makes connections come by {@link Listener#accepted}; 0 or an error. */
  abstract int startAccepting(Listener listener);

  /** Wishes them to stop; {@link Listener#landed} when they have. */
  abstract void stopAccepting(Listener listener);

  /** 0, or the error of a connect to an address of a family that the model does not take. */
  int refusal(Address to) {
    return 0;
  }

  /** Starts a connect that ends by {@link #connected}. */
  abstract void startConnect(Connection connection, Address to);

  /** Makes bytes come by {@link #received}, {@link #peerFinished} or {@link #receiveFailed}. */
  abstract void armRead(Connection connection);

  /** Wishes that to stop; what comes all the same is held by {@link #received}. */
  abstract void disarmRead(Connection connection);

  /** Sends what is queued, then the FIN if it is asked for; ends by {@link ConnectionOutput#sent} and {@link #outputShut}. */
  abstract void pushOutbound(Connection connection);

  /** Wishes everything in flight to end; each ends by its own verdict, and then {@link #unsettle}. */
  abstract void cancelAll(Connection connection);

  /** Gives the handle up, with nothing in flight on it; ends by {@link #released}. */
  abstract void release(Connection connection);

  abstract int awaitEvents(long timeoutNanos);

  /** True while something could not be asked of the model, whose tables are full; it is tried again after each wait. */
  boolean lacksRoom() {
    return false;
  }

  abstract void closeModel();

  /** Makes a socket of the process the model's own. */
  abstract long adopt(long socket);

  /** Gives up a connection on which nothing was done yet: its socket, or below zero if it must stay. */
  abstract long disown(long handle);

  /** The socket of the process behind a connection, or below zero if it has none. */
  abstract long socketOf(Connection connection);

  /** A socket of the process for a connection that has none, closed by the caller; or below zero. */
  abstract long lend(Connection connection);

  // ---- the loop's side

  @Override
  public final void prepare() {
    times.lookAgain();
    settlement.settle();
  }

  @Override
  public final int await(long timeoutNanos) {
    long timeout = timeoutNanos;
    if (settlement.hasStarved()) {
      timeout = timeout < 0 ? STARVED_LOOK_NANOS : Math.min(timeout, STARVED_LOOK_NANOS);
    }
    int events = awaitEvents(settlement.isEmpty() ? horizon.sleep(timeout, lacksRoom()) : 0);
    counters.batch(events);
    long talkers = (long) registry.size() + listeners.size() + limits.batchEvents();
    horizon.awaited(events, settlement.isEmpty() && !lacksRoom(), talkers);
    return events;
  }

  @Override
  public final void close() {
    connector.stop();
    listeners.stop();
    int alive = registry.size();
    new Shutdown(this).run();
    drains.cutShort(alive);
  }

  // ---- what an application starts

  /**
   * Takes a bound and listening socket and accepts from it for the handler, from now on. One that the model cannot take is closed, which
   * is reported and counted as {@link Counter#ACCEPT_FAILURES}.
   */
  public final void listen(long listeningSocket, Handler handler) {
    listen(listeningSocket, handler, ListenVerdict.granted(), new Spread(List.of()));
  }

  /** The same together with other loops: accepts once that is granted, and closes the socket if it is refused. */
  public final void listen(long socket, Handler handler, ListenVerdict verdict, Spread spread) {
    checkLoop();
    listeners.start(
        new Listener(this, handler, verdict, spread, listeners.nextToken()), socket);
  }

  /** Stops accepting on all listeners of this loop and closes them. */
  public final void stopListening() {
    checkLoop();
    listeners.stop();
  }

  /**
   * Connects a new connection to an address. Whatever goes wrong is told by onClosed, after this call.
   *
   * @throws java.util.concurrent.RejectedExecutionException while the manager closes; while a drain goes on, in onClosed; and when the
   *     time of a drain is over, until all connections have ended
   */
  public final Connection connect(Address to, Handler handler) {
    checkLoop();
    return connector.connect(to, handler);
  }

  /** In a callback {@code onClosed} of this loop: throws where a connect would, while all are ended. Any thread. */
  public final void checkConnects() {
    if (loop.inLoop() && calls.isInClosed()) {
      connector.check();
    }
  }

  /** The same for a caller on another thread: what would be thrown is told by onClosed as well. */
  public final void connectOrTell(Address to, Handler handler) {
    checkLoop();
    connector.connectOrTell(to, handler);
  }

  /** Connections that are not yet closed. */
  public final int connections() {
    return registry.size();
  }

  /** This loop's sums. */
  public final Counters counters() {
    return counters;
  }

  /**
   * Ends all connections in order as they fall quiet, and cuts what is left when the time is over; see {@link io.janus.Janus#drain}.
   *
   * @param drained is told, when no connection is left, how many were cut
   */
  public final void drain(long nanos, IntConsumer drained) {
    Objects.requireNonNull(drained, "drained");
    stopListening();
    drains.begin(this, loop.now() + nanos, drained);
  }

  // ---- up: what a model tells

  /** A listener's new connection. */
  final void opened(Handler handler, long handle) {
    counters.increment(Counter.ACCEPTED);
    Connection connection = register(handler, handle, ConnectionState.OPEN);
    times.watch(connection);
    calls.opened(connection);
    unsettle(connection);
  }

  final @Nullable Listener listener(long token) {
    return listeners.find(token);
  }

  /** A connect has ended: 0 or an error. */
  final void connected(Connection connection, int result) {
    connection.clear(ConnectionState.CONNECT_BUSY);
    if (connection.state() == ConnectionState.OPENING) {
      if (result < 0) {
        fail(connection, result);
        return;
      }
      counters.increment(Counter.CONNECTED);
      connection.state(ConnectionState.OPEN);
      connection.activeAt = loop.now();
      if (connection.outbound != null) {
        // Nobody could take a byte before.
        connection.outbound.progress.made(loop.now());
      }
      times.watch(connection);
      if (connection.has(ConnectionState.CLOSE_ASKED)) {
        close(connection);
      } else {
        calls.opened(connection);
      }
    }
    unsettle(connection);
  }

  /**
   * Bytes came in a buffer that the caller owns.
   *
   * @return true if the buffer is the caller's again; false if it was taken
   */
  final boolean received(Connection connection, Buffer buffer) {
    counters.add(Counter.BYTES_RECEIVED, Custody.readable(buffer));
    if (connection.state() != ConnectionState.OPEN) {
      // Closed by us: what still comes is thrown away, so that close does not turn into a reset.
      return true;
    }
    connection.activeAt = loop.now();
    if (Settlement.holdsBack(connection)) {
      Settlement.hold(connection, buffer);
      return false;
    }
    return calls.data(connection, buffer);
  }

  /** The peer sent FIN. */
  final void peerFinished(Connection connection) {
    if (Settlement.holdsBack(connection)) {
      connection.set(ConnectionState.HELD_END);
      return;
    }
    connection.set(ConnectionState.PEER_FINISHED);
    if (connection.state() == ConnectionState.OPEN) {
      calls.peerClosed(connection);
    }
    unsettle(connection);
  }

  /** A receive failed; while paused that is told at resume, as on every engine. */
  final void receiveFailed(Connection connection, int error) {
    if (error == ErrorCode.NO_BUFFER || error == ErrorCode.NO_MEMORY) {
      counters.increment(Counter.NO_BUFFER);
      settlement.addStarved(connection);
    } else if (Settlement.holdsBack(connection)) {
      connection.errorCode = error;
      connection.set(ConnectionState.HELD_FAILURE);
    } else {
      fail(connection, error);
    }
  }

  /** True if a connection waits for a buffer. */
  final boolean hasStarved() {
    return settlement.hasStarved();
  }

  /** The FIN has gone out. */
  final void outputShut(Connection connection) {
    connection.set(ConnectionState.OUTPUT_SHUT);
    connection.activeAt = loop.now();
    times.watch(connection);
    unsettle(connection);
  }

  /** The handle is gone: the last step of the join. */
  final void released(Connection connection) {
    connection.state(ConnectionState.CLOSED);
    // The number may be a stranger's in a moment.
    connection.handle = Connection.NO_HANDLE;
    registry.remove(connection);
    times.forget(connection);
    output.drop(connection);
    if (connection.handler == RefusedHandler.INSTANCE) {
      listeners.released(connection);
      return;
    }
    if (connection.has(ConnectionState.COUNTED)) {
      budget.giveBack();
    }
    counters.increment(Counter.CLOSED);
    if (connection.errorCode != 0) {
      counters.increment(Counter.FAILED);
    }
    calls.closed(connection);
    listeners.roomAgain();
  }

  /** The connection cannot go on. */
  final void fail(Connection connection, int error) {
    ending.fail(connection, error);
  }

  // ---- what a connection asks for

  final void close(Connection connection) {
    ending.close(connection);
  }

  final void abort(Connection connection) {
    ending.abort(connection);
  }

  final void pause(Connection connection, int reason) {
    if (connection.state() > ConnectionState.OPEN) {
      // What comes after our close is thrown away, and must go on to be.
      return;
    }
    boolean reading = !connection.has(ConnectionState.PAUSED);
    connection.set(reason);
    if (reading && connection.has(ConnectionState.READ_ARMED)) {
      disarmRead(connection);
    }
  }

  final void resume(Connection connection, int reason) {
    connection.clear(reason);
    unsettle(connection);
  }

  // ---- the close-join and other steps between callbacks

  /** Queues the connection for its next step. */
  final void unsettle(Connection connection) {
    settlement.add(connection);
  }

  final void cut(Connection connection) {
    ending.cut(connection);
  }

  final Connection register(Handler handler, long handle, int state) {
    Connection connection = new Connection(this, handler, handle);
    connection.bits = state | ConnectionState.COUNTED;
    connection.activeAt = loop.now();
    registry.add(connection);
    return connection;
  }

  final void checkLoop() {
    if (!loop.inLoop()) {
      throw new IllegalStateException(
          "called on thread \""
              + Thread.currentThread().getName()
              + "\" but the connection belongs to loop "
              + loop.name()
              + "; use Connection.execute");
    }
  }
}
