package io.janus.connection;

import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The client side of a manager: starts connects, and sees to it that one that cannot even start is told by onClosed. */
final class Connector {
  private final ConnectionManager manager;
  private boolean stopped;

  Connector(ConnectionManager manager) {
    this.manager = manager;
  }

  /** Thrown where a connect is the answer to an end that the engine wants; a callback that lets it through has done nothing wrong. */
  static final class ConnectsNoMore extends RejectedExecutionException {
    private static final long serialVersionUID = 1;

    ConnectsNoMore(String why) {
      super(why);
    }
  }

  /** The manager ends. */
  void stop() {
    stopped = true;
  }

  /** Throws while nothing is connected. Told by a connection that fails, a handler that connects again in onClosed would go on for ever. */
  void check() {
    String refusal = refusal();
    if (refusal != null) {
      throw new ConnectsNoMore("loop " + manager.loop.name() + refusal);
    }
  }

  Connection connect(Address to, Handler handler) {
    Objects.requireNonNull(to, "address");
    Objects.requireNonNull(handler, "handler");
    check();
    if (!manager.budget.take()) {
      return failed(handler, ErrorCode.BUSY, 0);
    }
    // Asked before a socket is: where the system lacks the family too, that the engine does is what helps to know.
    int refused = manager.refusal(to);
    long socket = refused < 0 ? refused : manager.sockets.open(to);
    if (socket < 0) {
      return failed(handler, (int) socket, ConnectionState.COUNTED);
    }
    if (!(to instanceof Address.Unix)) {
      manager.sockets.setOption(socket, SocketOption.NO_DELAY, 1);
    }
    long handle = manager.adopt(socket);
    if (handle < 0) {
      // Nothing was taken: the socket is still the process's own.
      manager.sockets.closeSocket(socket);
      return failed(handler, (int) handle, ConnectionState.COUNTED);
    }
    Connection connection = manager.register(handler, handle, ConnectionState.OPENING);
    manager.times.watch(connection);
    manager.startConnect(connection, to);
    return connection;
  }

  /** The same for a caller who is gone: what would be thrown is told by onClosed, in this call. */
  void connectOrTell(Address to, Handler handler) {
    Objects.requireNonNull(handler, "handler");
    if (refusal() == null) {
      connect(to, handler);
      return;
    }
    Connection connection = new Connection(manager, handler, Connection.NO_HANDLE);
    connection.bits = ConnectionState.CLOSED | ConnectionState.ENDED_HERE;
    connection.errorCode = ErrorCode.CONNECTION_ABORTED;
    manager.counters.increment(Counter.CLOSED);
    manager.counters.increment(Counter.FAILED);
    // It is in no registry, so a drain does not wait for it.
    manager.calls.closed(connection);
  }

  private @Nullable String refusal() {
    if (stopped) {
      return " ends and connects nothing any more";
    }
    if (manager.drains.areOver()) {
      return " drains and the time of that is over: it connects again when all connections have ended";
    }
    return manager.drains.goOn() && manager.calls.isInClosed()
        ? " drains: a connection that has ended is not followed by another"
        : null;
  }

  private Connection failed(Handler handler, int error, int counted) {
    Connection connection = new Connection(manager, handler, Connection.NO_HANDLE);
    connection.bits = ConnectionState.CANCELLING | counted;
    connection.errorCode = error;
    manager.ending.tellWant(error);
    manager.registry.add(connection);
    manager.unsettle(connection);
    return connection;
  }
}
