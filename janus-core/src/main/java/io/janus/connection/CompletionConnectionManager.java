package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.Objects;

/**
 * Connections on completion: the port says "your receive is done, here are the bytes"; the handler has them, then the next
 * receive is submitted. One receive and one send of a connection are in flight at a time; a buffer is the kernel's until its
 * completion, and a handle is closed only when nothing is in flight.
 */
public final class CompletionConnectionManager extends ConnectionManager {
  private static final long UNKNOWN = -1;

  /** A part of the operations is kept for sends, shutdowns and closes. */
  private static final int SHARE_FOR_SENDS = 4;

  private final CompletionPort port;
  private final Completions completions;
  private final Buffer[] gather = new Buffer[Sockets.MAX_GATHER];
  private final RefusedSteps refused = new RefusedSteps(this);

  /** As many connections as a repeated accept may bring before this manager can stop it. */
  private final long acceptsAtOnce;

  /** The limit of descriptors as asked since the last wait, once for all accepts of a batch. */
  private long descriptorLimit = UNKNOWN;

  /**
   * How many connections one loop can serve. Each holds an operation while it is idle, its receive, and so does each listener, its
   * accept; were those all there are, nobody could send or end any more.
   */
  public static int mostConnections(Limits limits) {
    Objects.requireNonNull(limits, "limits");
    return limits.operations() - limits.operations() / SHARE_FOR_SENDS;
  }

  /** Takes over the port, verbs and pool and closes them with itself. All belong to the loop's thread. */
  public CompletionConnectionManager(
      EventLoop loop,
      Limits limits,
      Counters counters,
      Sockets sockets,
      BufferPool pool,
      ConnectionBudget budget,
      CompletionPort port) {
    super(loop, limits, counters, sockets, pool,
        Objects.requireNonNull(budget, "budget").ofALoop(mostConnections(limits)));
    this.port = Objects.requireNonNull(port, "port");
    this.completions = new Completions(limits.batchEvents());
    this.acceptsAtOnce =
        (long) limits.batchEvents() + limits.acceptsPerTurn() + port.acceptsBehindABatch();
  }

  @Override
  int awaitEvents(long timeoutNanos) {
    if (listeners.size() > 0 && !budget.hasMoreThan(acceptsAtOnce)) {
      // From here on one by one: whoever comes beyond the limit is parked with a descriptor that was to stay free.
      listeners.endRepeats();
    }
    boolean retry = !refused.isEmpty();
    long timeout =
        retry && (timeoutNanos < 0 || timeoutNanos > STARVED_LOOK_NANOS)
            ? STARVED_LOOK_NANOS
            : timeoutNanos;
    int events = port.await(completions, timeout);
    descriptorLimit = UNKNOWN;
    if (events > 0 || timeout != 0) {
      // What has ended makes room for some; after a sleep a look is cheap.
      refused.tryAgain();
    }
    return events;
  }

  @Override
  boolean lacksRoom() {
    return !refused.isEmpty();
  }

  @Override
  public void dispatch() {
    for (int i = 0; i < completions.count(); i++) {
      if (i % ConnectionRegistry.AHEAD == 0) {
        touchAhead(i);
      }
      long token = completions.token(i);
      if (token < 0) {
        accepted(token, i);
        continue;
      }
      Connection connection = registry.find(token);
      if (connection == null) {
        counters.increment(Counter.STALE_EVENTS);
        releaseBuffer(i);
        continue;
      }
      switch (completions.operation(i)) {
        case RECEIVE -> receiveEnded(connection, i);
        case SEND -> sendTold(connection, i);
        case CONNECT -> connected(connection, completions.result(i));
        case SHUTDOWN -> {
          connection.clear(ConnectionState.SHUTDOWN_BUSY);
          outputShut(connection);
          unsettle(connection);
        }
        case CLOSE -> released(connection);
        case ACCEPT, OPTION, POST -> throw new AssertionError(
            completions.operation(i) + " was never submitted for a connection");
      }
    }
  }

  private void touchAhead(int from) {
    int end = Math.min(completions.count(), from + ConnectionRegistry.AHEAD);
    for (int i = from; i < end; i++) {
      registry.touch(completions.token(i));
    }
  }

  @Override
  public void wake() {
    port.wake();
  }

  @Override
  int startAccepting(Listener listener) {
    int flags = budget.hasMoreThan(acceptsAtOnce) ? CompletionPort.REPEAT : 0;
    long operation = port.accept(listener.handle, flags, listener.token);
    listener.armed = operation > 0;
    listener.repeats = flags != 0;
    listener.accepting = operation;
    return (int) Math.min(0, operation);
  }

  @Override
  void stopAccepting(Listener listener) {
    port.cancel(listener.accepting);
  }

  @Override
  int refusal(Address to) {
    boolean taken =
        !(to instanceof Address.Unix) || (port.abilities() & CompletionPort.PATHS) != 0;
    return taken ? 0 : ErrorCode.NO_SUCH_FAMILY;
  }

  @Override
  void startConnect(Connection connection, Address to) {
    submitted(
        connection, ConnectionState.CONNECT_BUSY,
        port.connect(connection.handle, to, connection.token));
  }

  @Override
  void armRead(Connection connection) {
    long operation = port.receive(connection.handle, CompletionPort.REPEAT, connection.token);
    if (operation > 0) {
      connection.reading = operation;
      connection.set(ConnectionState.READ_ARMED);
    } else {
      refused(connection, (int) operation);
    }
  }

  @Override
  void disarmRead(Connection connection) {
    port.cancel(connection.reading);
  }

  @Override
  void pushOutbound(Connection connection) {
    Outbound queue = connection.outbound;
    if (queue == null) {
      submitted(
          connection,
          ConnectionState.SHUTDOWN_BUSY,
          port.shutdownOutput(connection.handle, connection.token));
      return;
    }
    int count = queue.first(gather);
    queue.submit(count);
    long operation =
        count == 1
            ? port.send(connection.handle, gather[0], connection.token)
            : port.sendAll(connection.handle, gather, count, connection.token);
    if (operation < 0) {
      queue.landed();
    }
    submitted(connection, ConnectionState.SEND_BUSY, operation);
  }

  @Override
  void cancelAll(Connection connection) {
    if (connection.has(ConnectionState.READ_ARMED)) {
      port.cancel(connection.reading);
    }
    if (connection.has(ConnectionState.SEND_BUSY | ConnectionState.CONNECT_BUSY)) {
      port.cancel(connection.writing);
    }
    PinnedSends pinned = connection.pinned;
    if (pinned != null) {
      pinned.forEachOperation(port::cancel);
    }
  }

  @Override
  void release(Connection connection) {
    int flags = connection.has(ConnectionState.RESET) ? CompletionPort.RESET : 0;
    long operation = port.close(connection.handle, flags, connection.token);
    if (operation == ErrorCode.BUSY) {
      connection.state(ConnectionState.CANCELLING);
      refused.add(connection);
    } else if (operation < 0) {
      // The port does not know the handle, so no completion would ever end this.
      released(connection);
    }
  }

  @Override
  void closeModel() {
    try {
      port.close();
    } finally {
      registry.forEach(CompletionConnectionManager::loseInFlight);
    }
  }

  /** Buffers that were in flight as the port was closed are not the connection's to give back any more. */
  private static void loseInFlight(Connection connection) {
    Outbound queue = connection.outbound;
    if (queue != null) {
      queue.lose();
    }
    connection.pinned = null;
    connection.clear(ConnectionState.PINNED);
  }

  @Override
  long adopt(long socket) {
    return port.adopt(socket);
  }

  @Override
  long disown(long handle) {
    return port.disown(handle);
  }

  @Override
  long socketOf(Connection connection) {
    return port.socket(connection.handle);
  }

  @Override
  long lend(Connection connection) {
    return port.lend(connection.handle);
  }

  private void accepted(long token, int i) {
    Listener listener = listener(token);
    if (listener == null) {
      counters.increment(Counter.STALE_EVENTS);
      return;
    }
    listener.armed = completions.more(i);
    if (completions.result(i) >= 0) {
      // Asked before the handler has the connection, which may be gone when it returns.
      boolean beyond = listener.armed && isBeyondTheLimit(completions.handle(i));
      listener.accepted(completions.handle(i));
      if (beyond && listener.wantsMore()) {
        listener.failed(ErrorCode.OUT_OF_DESCRIPTORS);
      }
    } else {
      listener.failed(completions.result(i));
    }
    listener.landed();
  }

  /**
   * True if the process could not have opened this descriptor now. An accept that repeats in the kernel goes by the limit that was in
   * force when it was submitted; resting ends it, and the next one takes the limit of then.
   */
  private boolean isBeyondTheLimit(long handle) {
    if (descriptorLimit == UNKNOWN) {
      descriptorLimit = sockets.descriptorLimit();
    }
    return port.socket(handle) >= descriptorLimit;
  }

  private void receiveEnded(Connection connection, int i) {
    int result = completions.result(i);
    if (!completions.more(i)) {
      connection.clear(ConnectionState.READ_ARMED);
    }
    Buffer buffer = completions.buffer(i);
    if (result > 0 && buffer != null) {
      if (received(connection, buffer)) {
        buffer.release();
      }
    } else if (result == 0) {
      peerFinished(connection);
    } else if (result != ErrorCode.CANCELLED) {
      receiveFailed(connection, result);
    }
    readOn(connection);
  }

  /** After a receive has ended and the handler has returned: the next one, if bytes are still wanted. */
  private void readOn(Connection connection) {
    if (connection.has(ConnectionState.READ_ARMED)) {
      // It goes on by itself; whoever changed something in the callback has seen to the next step.
      return;
    }
    boolean wanted =
        connection.held == null
            && !connection.has(
                ConnectionState.PEER_FINISHED
                    | ConnectionState.PAUSED_NO_BUFFER)
            && (Settlement.readable(connection) || connection.state() == ConnectionState.FINISHING);
    if (wanted) {
      armRead(connection);
    } else {
      unsettle(connection);
    }
  }

  private void sendTold(Connection connection, int i) {
    int result = completions.result(i);
    if (!completions.more(i)) {
      if (output.letGo(connection, completions.buffer(i))) {
        sendEnded(connection, result);
        return;
      }
      // All its bytes were told before. An end in order waits for this, and lingers from here on.
      if (connection.state() != ConnectionState.OPEN) {
        connection.activeAt = loop.now();
        unsettle(connection);
      }
      output.push(connection);
    } else if (result < 0) {
      fail(connection, result);
    } else {
      output.sentPinned(connection, result);
      output.push(connection);
      if (connection.state() != ConnectionState.OPEN) {
        unsettle(connection);
      }
    }
  }

  private void sendEnded(Connection connection, int result) {
    connection.clear(ConnectionState.SEND_BUSY);
    Outbound queue = connection.outbound;
    if (queue != null) {
      queue.landed();
    }
    if (result >= 0) {
      output.sent(connection, result);
      output.push(connection);
    } else {
      fail(connection, result);
    }
    if (connection.state() != ConnectionState.OPEN) {
      unsettle(connection);
    }
  }

  private void submitted(Connection connection, int bit, long operation) {
    if (operation > 0) {
      connection.writing = operation;
      connection.set(bit);
    } else {
      refused(connection, (int) operation);
    }
  }

  /** Full is a matter of the moment: the next step tries again after the next wait, not in a spin. */
  private void refused(Connection connection, int error) {
    if (error == ErrorCode.BUSY && connection.state() != ConnectionState.OPENING) {
      refused.add(connection);
    } else {
      fail(connection, error);
    }
  }

  private void releaseBuffer(int i) {
    Buffer buffer = completions.buffer(i);
    if (buffer != null) {
      buffer.release();
    }
  }
}
