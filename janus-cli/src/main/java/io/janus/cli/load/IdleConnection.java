package io.janus.cli.load;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;

/** Serves all connections that are only there. */
final class IdleConnection implements Handler {
  static final Object OPENED = new Object();
  private static final Object GIVEN_UP = new Object();

  private final Load load;

  IdleConnection(Load load) {
    this.load = load;
  }

  @Override
  public void onOpen(Connection connection) {
    connection.attach(OPENED);
    load.loopOf(connection).idle.add(connection);
    load.settled(true);
  }

  @Override
  public void onData(Connection connection, Buffer buffer) {
    LoadLoop home = load.loopOf(connection);
    if (!home.idle.received(connection, buffer)) {
      home.mismatch("bytes came on an idle connection");
      giveUp(connection);
    }
  }

  /** Wrong bytes came on it, which counts once, and its end is our own. */
  static void giveUp(Connection connection) {
    connection.attach(GIVEN_UP);
    connection.abort();
  }

  @Override
  public void onClosed(Connection connection) {
    LoadLoop home = load.loopOf(connection);
    OsError failure = connection.failure();
    Object state = connection.attachment();
    home.idle.closed(connection);
    if (state == null) {
      home.errors.add(failure == null ? OsError.of(ErrorCode.CONNECTION_ABORTED) : failure);
      load.settled(false);
    } else if (state != GIVEN_UP && home.watching) {
      home.errors.add(
          failure == null ? ErrorKind.CONNECTION_ABORTED : failure.kind(), 1,
          failure == null ? "the server closed an idle connection" : failure.toString());
    }
  }
}
