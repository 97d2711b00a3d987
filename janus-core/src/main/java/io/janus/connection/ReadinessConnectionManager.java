package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Connections on readiness: the poller says "this socket can be read now", the manager reads until a short read or the fair
 * share, then the handler has the bytes. No operation is ever in flight: cancel is a change of mind. Only a poller's
 * own word may be on its way (AFD): then the socket is closed when the poller says that it is gone.
 */
public final class ReadinessConnectionManager extends ConnectionManager {
  private final Poller poller;
  private final Ready ready;
  private final Buffer[] gather = new Buffer[Sockets.MAX_GATHER];

  /** The one buffer between reads, empty; a handler may have kept it. */
  private @Nullable Buffer spare;

  /** Takes over the poller, verbs and pool and closes them with itself. All belong to the loop's thread. */
  public ReadinessConnectionManager(
      EventLoop loop,
      Limits limits,
      Counters counters,
      Sockets sockets,
      BufferPool pool,
      ConnectionBudget budget,
      Poller poller) {
    super(loop, limits, counters, sockets, pool,
        Objects.requireNonNull(budget, "budget").ofALoop(Integer.MAX_VALUE));
    this.poller = Objects.requireNonNull(poller, "poller");
    this.ready = new Ready(limits.batchEvents());
  }

  @Override
  int awaitEvents(long timeoutNanos) {
    return poller.await(ready, timeoutNanos);
  }

  @Override
  public void dispatch() {
    for (int i = 0; i < ready.count(); i++) {
      if (i % ConnectionRegistry.AHEAD == 0) {
        touchAhead(i);
      }
      long token = ready.token(i);
      if (token < 0) {
        if ((ready.bits(i) & Ready.GONE) != 0) {
          listenerGone(token);
        } else {
          accept(token);
        }
        continue;
      }
      Connection connection = registry.find(token);
      if (connection == null) {
        counters.increment(Counter.STALE_EVENTS);
      } else {
        becameReady(connection, ready.bits(i));
      }
    }
    if (hasStarved()) {
      // The pool's only free buffer may be the one kept here.
      dropSpare();
    }
  }

  private void touchAhead(int from) {
    int end = Math.min(ready.count(), from + ConnectionRegistry.AHEAD);
    for (int i = from; i < end; i++) {
      registry.touch(ready.token(i));
    }
  }

  @Override
  public void wake() {
    poller.wake();
  }

  @Override
  int startAccepting(Listener listener) {
    long result;
    if (listener.accepting == 0) {
      result = poller.add(listener.handle, Interest.READ, Trigger.LEVEL, listener.token);
      listener.accepting = Math.max(0, result);
    } else {
      result = poller.change(listener.accepting, Interest.READ);
    }
    listener.armed = result >= 0;
    return (int) Math.min(0, result);
  }

  @Override
  void stopAccepting(Listener listener) {
    poller.change(listener.accepting, Interest.NONE);
    listener.armed = false;
  }

  @Override
  void startConnect(Connection connection, Address to) {
    int result = sockets.connect(connection.handle, to);
    if (result < 0 && result != ErrorCode.IN_PROGRESS) {
      fail(connection, result);
      return;
    }
    // Also a connect that ended at once is told by the poller, so that no callback runs inside this call.
    connection.set(ConnectionState.CONNECT_BUSY);
    watch(connection);
  }

  @Override
  void armRead(Connection connection) {
    connection.set(ConnectionState.READ_ARMED);
    watch(connection);
  }

  @Override
  void disarmRead(Connection connection) {
    // The poller learns of it only if an event comes that nobody wants, so a short pause costs no system call.
    connection.clear(ConnectionState.READ_ARMED);
  }

  @Override
  void pushOutbound(Connection connection) {
    Outbound queue = connection.outbound;
    while (queue != null) {
      int wanted = queue.bytes();
      int count = queue.first(gather);
      int result = sockets.sendAll(connection.handle, gather, count);
      if (result < 0 && result != ErrorCode.WOULD_BLOCK) {
        fail(connection, result);
        return;
      }
      output.sent(connection, Math.max(0, result));
      queue = connection.outbound;
      if (queue != null && (result < 0 || (result < wanted && count < Sockets.MAX_GATHER))) {
        connection.set(ConnectionState.SEND_BUSY);
        watch(connection);
        return;
      }
    }
    connection.clear(ConnectionState.SEND_BUSY);
    if (connection.has(ConnectionState.SHUTDOWN_ASKED)
        && !connection.has(ConnectionState.OUTPUT_SHUT)) {
      sockets.shutdownOutput(connection.handle);
      outputShut(connection);
    }
  }

  @Override
  void cancelAll(Connection connection) {
    connection.clear(ConnectionState.IN_FLIGHT);
  }

  @Override
  void release(Connection connection) {
    if (connection.reading == 0 || poller.remove(connection.reading)) {
      closeSocket(connection);
    }
  }

  @Override
  void closeModel() {
    dropSpare();
    poller.close();
    registry.forEach(connection -> sockets.closeSocket(connection.handle));
  }

  private void dropSpare() {
    if (spare != null) {
      spare.release();
      spare = null;
    }
  }

  @Override
  long adopt(long socket) {
    int result = sockets.setNonBlocking(socket);
    return result < 0 ? result : socket;
  }

  @Override
  long disown(long handle) {
    return handle;
  }

  @Override
  long socketOf(Connection connection) {
    return connection.handle;
  }

  @Override
  long lend(Connection connection) {
    return ErrorCode.NOT_SUPPORTED;
  }

  private void accept(long token) {
    Listener listener = listener(token);
    for (int i = 0; i < limits.acceptsPerTurn(); i++) {
      if (listener == null || !listener.armed) {
        return;
      }
      long socket = sockets.accept(listener.handle);
      if (socket >= 0) {
        listener.accepted(socket);
      } else if (socket == ErrorCode.WOULD_BLOCK) {
        return;
      } else {
        listener.failed((int) socket);
      }
    }
  }

  /** A stopped listener's handle goes as a connection of its own, but the poller knows it by the listener's token. */
  private void listenerGone(long token) {
    Listener listener = listener(token);
    registry.forEach(
        connection -> {
          if (listener != null
              && connection.handler == RefusedHandler.INSTANCE
              && connection.reading == listener.accepting
              && connection.state() == ConnectionState.RELEASING) {
            closeSocket(connection);
          }
        });
  }

  private void becameReady(Connection connection, int bits) {
    if ((bits & Ready.GONE) != 0) {
      closeSocket(connection);
      return;
    }
    if (connection.has(ConnectionState.CONNECT_BUSY)) {
      connected(connection, sockets.connectResult(connection.handle));
      return;
    }
    if ((bits & Ready.WRITE) != 0 && connection.has(ConnectionState.SEND_BUSY)) {
      connection.clear(ConnectionState.SEND_BUSY);
      output.push(connection);
    }
    if ((bits & Ready.READ) != 0 && connection.has(ConnectionState.READ_ARMED)) {
      read(connection, (bits & Ready.FIN) != 0);
    }
    if (connection.state() < ConnectionState.CANCELLING) {
      forgetUnwanted(connection, bits);
    }
  }

  private void read(Connection connection, boolean finSeen) {
    int bytes = 0;
    for (int reads = 0; reads < limits.readsPerTurn()
        && bytes < limits.readBytesPerTurn(); reads++) {
      Buffer buffer = spare != null ? spare : pool.acquire();
      spare = null;
      if (buffer == null) {
        ended(connection, ErrorCode.NO_BUFFER);
        return;
      }
      int room = buffer.writable();
      int result = sockets.receive(connection.handle, buffer);
      if (result > 0) {
        bytes += result;
        if (received(connection, buffer)) {
          spare = buffer.clear();
        }
        if ((result < room && !finSeen) || !connection.has(ConnectionState.READ_ARMED)) {
          return;
        }
      } else {
        spare = buffer;
        if (result != ErrorCode.WOULD_BLOCK) {
          ended(connection, result);
        }
        return;
      }
    }
  }

  /** The last receive brought the end, an error, or no buffer to go on with. */
  private void ended(Connection connection, int result) {
    connection.clear(ConnectionState.READ_ARMED);
    if (result == 0) {
      peerFinished(connection);
    } else {
      receiveFailed(connection, result);
    }
  }

  /** Takes back a watch that has reported and that nothing waits for any more. */
  private void forgetUnwanted(Connection connection, int bits) {
    boolean unwantedRead =
        (bits & Ready.READ) != 0
            && !connection.has(ConnectionState.READ_ARMED)
            && connection.has(ConnectionState.WATCHED_READ);
    boolean unwantedWrite =
        (bits & Ready.WRITE) != 0
            && !connection.has(ConnectionState.SEND_BUSY)
            && connection.has(ConnectionState.WATCHED_WRITE);
    // While the connection is unsettled its next step may close it or arm it again; the event comes back if not.
    if ((unwantedRead || unwantedWrite) && !connection.has(ConnectionState.UNSETTLED)) {
      tellPoller(connection);
    }
  }

  private void watch(Connection connection) {
    boolean missing =
        (connection.has(ConnectionState.READ_ARMED)
            && !connection.has(ConnectionState.WATCHED_READ))
            || (connection.has(ConnectionState.SEND_BUSY | ConnectionState.CONNECT_BUSY)
                && !connection.has(ConnectionState.WATCHED_WRITE));
    if (missing) {
      tellPoller(connection);
    }
  }

  private void tellPoller(Connection connection) {
    int interest = Interest.NONE;
    connection.clear(ConnectionState.WATCHED_READ | ConnectionState.WATCHED_WRITE);
    if (connection.has(ConnectionState.READ_ARMED)) {
      interest |= Interest.READ;
      connection.set(ConnectionState.WATCHED_READ);
    }
    if (connection.has(ConnectionState.SEND_BUSY | ConnectionState.CONNECT_BUSY)) {
      interest |= Interest.WRITE;
      connection.set(ConnectionState.WATCHED_WRITE);
    }
    long result;
    if (connection.reading == 0) {
      result = poller.add(connection.handle, interest, Trigger.LEVEL, connection.token);
      connection.reading = Math.max(0, result);
    } else {
      result = poller.change(connection.reading, interest);
    }
    boolean wantsMemory = result == ErrorCode.NO_MEMORY || result == ErrorCode.NO_BUFFER;
    if (wantsMemory && interest == Interest.READ) {
      // Nothing has come and nothing is lost: it waits and tries again, as a receive does for which there is no memory.
      connection.clear(ConnectionState.WATCHED_READ);
      ended(connection, (int) result);
    } else if (result < 0) {
      fail(connection, (int) result);
    }
  }

  private void closeSocket(Connection connection) {
    if (connection.has(ConnectionState.RESET)) {
      sockets.setOption(connection.handle, SocketOption.RESET_ON_CLOSE, 1);
    }
    sockets.closeSocket(connection.handle);
    released(connection);
  }
}
