package io.janus.connection;

import io.janus.ffi.ErrorCode;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import java.util.concurrent.RejectedExecutionException;

/** The client side of a manager: starts connects, and sees to it that one that cannot even start is told by onClosed. */
final class Connector {
  private final ConnectionManager manager;
  private boolean stopped;

  Connector(ConnectionManager manager) {
    this.manager = manager;
  }

  /** The manager ends. */
  void stop() {
    stopped = true;
  }

  Connection connect(Address to, Handler handler) {
    if (stopped) {
      // A connection made now could only fail, and a handler that connects again in onClosed would never end.
      throw new RejectedExecutionException(
          "loop " + manager.loop.name() + " ends and connects nothing any more");
    }
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

  private Connection failed(Handler handler, int error, int counted) {
    Connection connection = new Connection(manager, handler, Connection.NO_HANDLE);
    connection.bits = ConnectionState.CANCELLING | counted;
    connection.errorCode = error;
    manager.registry.add(connection);
    manager.unsettle(connection);
    return connection;
  }
}
