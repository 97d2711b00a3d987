package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;

/**
 * The calls of the application's handler. Whatever a handler throws ends its own connection and nothing else; what it sent goes
 * out after it returned, as one.
 */
final class ConnectionCalls {
  private final ConnectionManager manager;
  private final Complaint throwing;
  private boolean inClosed;

  ConnectionCalls(ConnectionManager manager) {
    this.manager = manager;
    this.throwing = new Complaint(manager.loop, 1);
  }

  /** The manager has ended, and no callback comes any more. */
  void ended() {
    throwing.tellRest();
  }

  void opened(Connection connection) {
    connection.set(ConnectionState.HANDLING);
    try {
      connection.handler.onOpen(connection);
    } catch (Throwable e) {
      failed(connection, "onOpen", e);
    }
    returned(connection);
  }

  /** Lends the buffer; true if the caller has it again. */
  boolean data(Connection connection, Buffer buffer) {
    manager.counters.increment(Counter.MESSAGES);
    connection.set(ConnectionState.HANDLING);
    Custody.lend(buffer);
    try {
      connection.handler.onData(connection, buffer);
    } catch (Throwable e) {
      failed(connection, "onData", e);
    }
    boolean mine = Custody.endLoan(buffer);
    returned(connection);
    return mine;
  }

  void drained(Connection connection) {
    connection.set(ConnectionState.HANDLING);
    try {
      connection.handler.onDrained(connection);
    } catch (Throwable e) {
      failed(connection, "onDrained", e);
    }
    returned(connection);
  }

  void peerClosed(Connection connection) {
    connection.set(ConnectionState.HANDLING);
    try {
      connection.handler.onPeerClosed(connection);
    } catch (Throwable e) {
      failed(connection, "onPeerClosed", e);
    }
    returned(connection);
  }

  void closed(Connection connection) {
    inClosed = true;
    try {
      connection.handler.onClosed(connection);
    } catch (Connector.ConnectsNoMore e) {
      // The documented end of a handler that connects again here; one report for each connection would tell nobody anything.
    } catch (Throwable e) {
      failed(connection, "onClosed", e);
    } finally {
      inClosed = false;
    }
  }

  /** True while a handler is told of an end. */
  boolean isInClosed() {
    return inClosed;
  }

  private void returned(Connection connection) {
    connection.clear(ConnectionState.HANDLING);
    manager.output.push(connection);
  }

  private void failed(Connection connection, String callback, Throwable thrown) {
    manager.counters.increment(Counter.HANDLER_FAILURES);
    if (connection.state() < ConnectionState.FINISHING) {
      connection.errorCode = ErrorCode.CONNECTION_ABORTED;
      connection.set(ConnectionState.ENDED_HERE | ConnectionState.HANDLER_THREW);
    }
    manager.abort(connection);
    throwing.tell(callback + " of " + connection + " threw; the connection is closed", thrown);
  }
}
