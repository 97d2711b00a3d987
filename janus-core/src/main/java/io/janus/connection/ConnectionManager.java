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
import io.janus.loop.Timers;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop: registry, limits, accepting, deadlines, outbound queues, pauses, the close-join, drain and
 * counters. What differs between readiness and completion is in the two subclasses, behind eight verbs; they call back through
 * the methods of the section "up". Everything here runs on the loop's thread.
 */
public abstract class ConnectionManager implements EventSource {
  private static final long STARVED_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int CLOSE_TURNS = 2_000;
  private static final long NO_HANDLE = -1;

  final EventLoop loop;
  final Limits limits;
  final Counters counters;
  final Sockets sockets;
  final BufferPool pool;
  final ConnectionBudget budget;
  final ConnectionRegistry registry = new ConnectionRegistry();
  private final ConnectionCalls calls;
  private final ConnectionTimes times;
  private final List<Listener> listeners = new ArrayList<>();
  private final ArrayDeque<Connection> unsettled = new ArrayDeque<>();
  private final ArrayDeque<Connection> starved = new ArrayDeque<>();
  private final ArrayDeque<Outbound> spareOutbounds = new ArrayDeque<>();

  ConnectionManager(
      EventLoop loop,
      Limits limits,
      Counters counters,
      Sockets sockets,
      BufferPool pool,
      ConnectionBudget budget) {
    this.loop = loop;
    this.limits = limits;
    this.counters = counters;
    this.sockets = sockets;
    this.pool = pool;
    this.budget = budget;
    this.calls = new ConnectionCalls(this);
    this.times = new ConnectionTimes(this);
  }

  // ---- down: the eight verbs of a model, and the wait

  /** Makes connections come by {@link Listener#accepted}; 0 or an error. */
  abstract int startAccepting(Listener listener);

  /** Wishes them to stop; {@link Listener#landed} when they have. */
  abstract void stopAccepting(Listener listener);

  /** Starts a connect that ends by {@link #connected}. */
  abstract void startConnect(Connection connection, Address to);

  /** Makes bytes come by {@link #received}, {@link #peerFinished} or {@link #receiveFailed}. */
  abstract void armRead(Connection connection);

  /** Wishes that to stop; what comes all the same is held by {@link #received}. */
  abstract void disarmRead(Connection connection);

  /** Sends what is queued, then the FIN if it is asked for; ends by {@link #sent} and {@link #outputShut}. */
  abstract void pushOutbound(Connection connection);

  /** Wishes everything in flight to end; each ends by {@link #landed}. */
  abstract void cancelAll(Connection connection);

  /** Gives the handle up, with nothing in flight on it; ends by {@link #released}. */
  abstract void release(Connection connection);

  abstract int awaitEvents(long timeoutNanos);

  abstract void closeModel();

  /** Makes a socket of the process the model's own. */
  abstract long adopt(long socket);

  /** The socket of the process behind a connection. */
  abstract long socketOf(Connection connection);

  // ---- the loop's side

  @Override
  public final int await(long timeoutNanos) {
    settle();
    long timeout = timeoutNanos;
    if (!starved.isEmpty()) {
      timeout = timeout < 0 ? STARVED_LOOK_NANOS : Math.min(timeout, STARVED_LOOK_NANOS);
    }
    int events = awaitEvents(unsettled.isEmpty() ? timeout : 0);
    counters.batch(events);
    return events;
  }

  @Override
  public final void close() {
    for (Listener listener : listeners) {
      listener.stop();
    }
    registry.forEach(this::abort);
    for (int turn = 0; turn < CLOSE_TURNS && registry.size() > 0; turn++) {
      if (await(TimeUnit.MILLISECONDS.toNanos(1)) > 0) {
        dispatch();
      }
    }
    closeModel();
    sockets.close();
    try {
      pool.close();
    } catch (IllegalStateException leak) {
      loop.reporter()
          .report("a handler of loop " + loop.name() + " kept buffers: " + leak.getMessage(), leak);
    }
  }

  // ---- what an application starts

  /** Takes a bound and listening socket and accepts from it for the handler, from now on. */
  public final void listen(long listeningSocket, Handler handler) {
    checkLoop();
    Listener listener =
        new Listener(this, handler, adopt(listeningSocket), -1 - listeners.size());
    listeners.add(listener);
    listener.start();
  }

  /** Stops accepting on all listeners of this loop and closes them. */
  public final void stopListening() {
    checkLoop();
    listeners.forEach(Listener::stop);
  }

  /**
   * Connects a new connection to an address. Whatever goes wrong is told by onClosed, after this call.
   */
  public final void connect(Address to, Handler handler) {
    checkLoop();
    if (!budget.take()) {
      connectFailed(handler, ErrorCode.BUSY, 0);
      return;
    }
    long socket = sockets.open(to);
    if (socket < 0) {
      connectFailed(handler, (int) socket, ConnectionState.COUNTED);
      return;
    }
    if (!(to instanceof Address.Unix)) {
      sockets.setOption(socket, SocketOption.NO_DELAY, 1);
    }
    Connection connection = register(handler, adopt(socket), ConnectionState.OPENING);
    times.watch(connection);
    startConnect(connection, to);
  }

  private void connectFailed(Handler handler, int error, int counted) {
    Connection connection = new Connection(this, handler, NO_HANDLE);
    connection.bits = ConnectionState.CANCELLING | counted;
    connection.errorCode = error;
    registry.add(connection);
    unsettle(connection);
  }

  /** Connections that are not yet closed. */
  public final int connections() {
    return registry.size();
  }

  /** This loop's sums. */
  public final Counters counters() {
    return counters;
  }

  /** Ends all connections in order as they fall quiet, and calls back when none is left or the time is over. */
  public final void drain(long nanos, Runnable drained) {
    checkLoop();
    stopListening();
    new Drain(this, loop.now() + nanos, drained).look(loop.now());
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

  /** An accepted connection that nobody wants any more. */
  final void refuse(long handle) {
    Connection connection = new Connection(this, RefusedHandler.INSTANCE, handle);
    connection.bits = ConnectionState.CANCELLING | ConnectionState.RESET;
    registry.add(connection);
    unsettle(connection);
  }

  /** A stopped listener's handle goes the way of a connection's. */
  final void releaseListener(Listener listener) {
    Connection connection = new Connection(this, RefusedHandler.INSTANCE, listener.handle);
    connection.reading = listener.accepting;
    connection.bits = ConnectionState.CANCELLING;
    registry.add(connection);
    unsettle(connection);
  }

  final @Nullable Listener listener(long token) {
    int index = (int) (-1 - token);
    return index >= 0 && index < listeners.size() ? listeners.get(index) : null;
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
      calls.opened(connection);
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
    if (connection.has(ConnectionState.PAUSED) || connection.held != null) {
      connection.held = buffer;
      return false;
    }
    return calls.data(connection, buffer);
  }

  /** The peer sent FIN. */
  final void peerFinished(Connection connection) {
    if (connection.has(ConnectionState.PAUSED) && connection.state() == ConnectionState.OPEN) {
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
    if (error == ErrorCode.NO_BUFFER) {
      counters.increment(Counter.NO_BUFFER);
      connection.set(ConnectionState.PAUSED_NO_BUFFER);
      starved.add(connection);
    } else if (connection.has(ConnectionState.PAUSED)
        && connection.state() == ConnectionState.OPEN) {
      connection.errorCode = error;
      connection.set(ConnectionState.HELD_FAILURE);
    } else {
      fail(connection, error);
    }
  }

  /** The kernel took bytes; the segments' indexes have moved. */
  final void sent(Connection connection, int bytes) {
    Outbound queue = connection.outbound;
    if (queue == null) {
      return;
    }
    counters.add(Counter.BYTES_SENT, bytes);
    connection.activeAt = loop.now();
    queue.sent(bytes);
    if (queue.isEmpty()) {
      connection.outbound = null;
      spareOutbounds.push(queue);
    }
    if (connection.has(ConnectionState.OUTBOUND_FULL)
        && connection.outboundBytes() <= limits.outboundBytes() / 2) {
      unsettle(connection);
    } else if (connection.state() == ConnectionState.FINISHING) {
      unsettle(connection);
    }
  }

  /** The FIN has gone out. */
  final void outputShut(Connection connection) {
    connection.set(ConnectionState.OUTPUT_SHUT);
    if (connection.state() == ConnectionState.FINISHING) {
      connection.activeAt = loop.now();
      times.watch(connection);
      unsettle(connection);
    }
  }

  /** An operation of the connection is over. */
  final void landed(Connection connection, int bit) {
    connection.clear(bit);
    unsettle(connection);
  }

  /** The handle is gone: the last step of the join. */
  final void released(Connection connection) {
    connection.state(ConnectionState.CLOSED);
    registry.remove(connection);
    times.forget(connection);
    if (connection.handler == RefusedHandler.INSTANCE) {
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
    for (Listener listener : listeners) {
      listener.roomAgain();
    }
  }

  /** The connection cannot go on. After our own close every error means "closed". */
  final void fail(Connection connection, int error) {
    if (connection.state() < ConnectionState.FINISHING) {
      connection.errorCode = error;
    }
    cut(connection);
  }

  // ---- what a connection asks for

  final boolean send(Connection connection, Buffer buffer) {
    if (connection.state() > ConnectionState.OPEN) {
      // It is ending and onClosed will tell; a sender that does not know yet has done nothing wrong.
      Custody.drop(buffer);
      return true;
    }
    if (connection.has(ConnectionState.SHUTDOWN_ASKED)) {
      throw new IllegalStateException("cannot send on " + connection + " after shutdownOutput");
    }
    if (connection.has(ConnectionState.OUTBOUND_FULL)) {
      return false;
    }
    enqueue(connection, buffer);
    return true;
  }

  final boolean sendCopy(Connection connection, byte[] bytes) {
    if (bytes.length > limits.outboundBytes()) {
      throw new IllegalArgumentException(
          "sendCopy of "
              + bytes.length
              + " bytes is above the limit outboundBytes of "
              + limits.outboundBytes()
              + "; send it in parts as onDrained tells, or raise the limit");
    }
    if (connection.has(ConnectionState.OUTBOUND_FULL)) {
      return false;
    }
    List<Buffer> copies = new ArrayList<>(1 + bytes.length / pool.bufferBytes());
    for (int at = 0; at < bytes.length; at += pool.bufferBytes()) {
      Buffer buffer = pool.acquire();
      if (buffer == null) {
        copies.forEach(Buffer::release);
        return false;
      }
      copies.add(buffer.copyIn(bytes, at, Math.min(pool.bufferBytes(), bytes.length - at)));
    }
    for (Buffer copy : copies) {
      if (!send(connection, copy)) {
        enqueue(connection, copy);
      }
    }
    return true;
  }

  private void enqueue(Connection connection, Buffer buffer) {
    Outbound queue = connection.outbound;
    if (queue == null) {
      queue = spareOutbounds.isEmpty() ? new Outbound() : spareOutbounds.pop();
      connection.outbound = queue;
    }
    queue.add(buffer, loop.now());
    boolean full = queue.bytes() >= limits.outboundBytes();
    if (!connection.has(ConnectionState.HANDLING) || full) {
      push(connection);
    }
    if (full && connection.outboundBytes() >= limits.outboundBytes()) {
      connection.set(ConnectionState.OUTBOUND_FULL);
      if (!connection.has(ConnectionState.KEEPS_READING)) {
        pause(connection, ConnectionState.PAUSED_OUTBOUND);
      }
    }
  }

  final void shutdownOutput(Connection connection) {
    connection.set(ConnectionState.SHUTDOWN_ASKED);
    if (!connection.has(ConnectionState.HANDLING)) {
      push(connection);
    }
  }

  final void close(Connection connection) {
    if (connection.state() == ConnectionState.OPENING) {
      cut(connection);
    } else if (connection.state() == ConnectionState.OPEN) {
      connection.state(ConnectionState.FINISHING);
      connection.clear(ConnectionState.PAUSED);
      unsettle(connection);
    }
  }

  final void abort(Connection connection) {
    connection.set(ConnectionState.RESET);
    cut(connection);
  }

  final void pause(Connection connection, int reason) {
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

  /** After a receive has ended and the handler has returned: the next one, if bytes are still wanted. */
  final void readOn(Connection connection) {
    boolean wanted =
        connection.held == null
            && !connection.has(ConnectionState.READ_ARMED | ConnectionState.PEER_FINISHED)
            && (readable(connection) || connection.state() == ConnectionState.FINISHING);
    if (wanted) {
      armRead(connection);
    } else {
      unsettle(connection);
    }
  }

  final void deadlineReached(Connection connection, long now) {
    times.reached(connection, now);
  }

  // ---- the close-join and other steps between callbacks

  /** Queues the connection for the next settle. Steps wait for it, so that no callback ever runs inside another's call. */
  final void unsettle(Connection connection) {
    if (!connection.has(ConnectionState.UNSETTLED)) {
      connection.set(ConnectionState.UNSETTLED);
      unsettled.add(connection);
    }
  }

  final void cut(Connection connection) {
    if (connection.state() < ConnectionState.CANCELLING) {
      connection.state(ConnectionState.CANCELLING);
      unsettle(connection);
    }
  }

  /** After a callback: what it sent goes out now, as one. */
  final void push(Connection connection) {
    if (connection.has(ConnectionState.SEND_BUSY | ConnectionState.SHUTDOWN_BUSY)
        || connection.state() == ConnectionState.OPENING
        || connection.state() > ConnectionState.FINISHING) {
      return;
    }
    boolean finWanted =
        connection.has(ConnectionState.SHUTDOWN_ASKED)
            && !connection.has(ConnectionState.OUTPUT_SHUT);
    if (connection.outbound != null || finWanted) {
      pushOutbound(connection);
      if (connection.outbound != null) {
        times.watch(connection);
      }
    }
  }

  /** One step for each connection queued before; what they queue meanwhile is for the next turn, so nobody starves. */
  private void settle() {
    if (!starved.isEmpty()) {
      feedStarved();
    }
    for (int left = unsettled.size(); left > 0; left--) {
      Connection connection = unsettled.remove();
      connection.clear(ConnectionState.UNSETTLED);
      switch (connection.state()) {
        case ConnectionState.OPEN -> goOn(connection);
        case ConnectionState.FINISHING -> finish(connection);
        case ConnectionState.CANCELLING -> cancel(connection);
        default -> {
          // Opening waits for its connect, releasing for its close.
        }
      }
    }
  }

  private void goOn(Connection connection) {
    if (connection.has(ConnectionState.OUTBOUND_FULL)
        && connection.outboundBytes() <= limits.outboundBytes() / 2) {
      connection.clear(ConnectionState.OUTBOUND_FULL | ConnectionState.PAUSED_OUTBOUND);
      calls.drained(connection);
    }
    push(connection);
    Buffer late = connection.held;
    if (late != null && readable(connection)) {
      connection.held = null;
      if (calls.data(connection, late)) {
        late.release();
      }
    }
    if (!readable(connection) || connection.held != null) {
      return;
    }
    if (connection.has(ConnectionState.HELD_FAILURE)) {
      fail(connection, connection.errorCode);
    } else if (connection.has(ConnectionState.HELD_END)) {
      connection.clear(ConnectionState.HELD_END);
      peerFinished(connection);
    } else if (!connection.has(ConnectionState.READ_ARMED | ConnectionState.PEER_FINISHED)) {
      armRead(connection);
    }
  }

  private static boolean readable(Connection connection) {
    return connection.state() == ConnectionState.OPEN && !connection.has(ConnectionState.PAUSED);
  }

  private void finish(Connection connection) {
    dropHeld(connection);
    push(connection);
    if (connection.outbound != null || connection.has(ConnectionState.SEND_BUSY)) {
      return;
    }
    if (connection.has(ConnectionState.HELD_END | ConnectionState.PEER_FINISHED)) {
      // Both sides are done: close sends the FIN by itself.
      cut(connection);
      return;
    }
    connection.set(ConnectionState.SHUTDOWN_ASKED);
    push(connection);
    if (connection.state() == ConnectionState.FINISHING
        && !connection.has(ConnectionState.READ_ARMED)) {
      armRead(connection);
    }
  }

  private void cancel(Connection connection) {
    if (connection.has(ConnectionState.IN_FLIGHT)
        && !connection.has(ConnectionState.CANCEL_ASKED)) {
      connection.set(ConnectionState.CANCEL_ASKED);
      cancelAll(connection);
    }
    if (connection.has(ConnectionState.IN_FLIGHT | ConnectionState.HANDLING)) {
      return;
    }
    dropHeld(connection);
    Outbound queue = connection.outbound;
    if (queue != null) {
      queue.releaseAll();
      connection.outbound = null;
      spareOutbounds.push(queue);
    }
    connection.state(ConnectionState.RELEASING);
    if (connection.handle == NO_HANDLE) {
      released(connection);
    } else {
      release(connection);
    }
  }

  private void dropHeld(Connection connection) {
    Buffer late = connection.held;
    if (late != null) {
      connection.held = null;
      late.release();
    }
  }

  private void feedStarved() {
    Buffer proof = pool.acquire();
    if (proof == null) {
      return;
    }
    proof.release();
    for (int left = starved.size(); left > 0; left--) {
      resume(starved.remove(), ConnectionState.PAUSED_NO_BUFFER);
    }
  }

  private Connection register(Handler handler, long handle, int state) {
    Connection connection = new Connection(this, handler, handle);
    connection.bits = state | ConnectionState.COUNTED;
    connection.activeAt = loop.now();
    registry.add(connection);
    return connection;
  }

  final Timers timers() {
    return loop.timers();
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
