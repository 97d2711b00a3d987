package io.janus.connection;

import io.janus.buffer.Buffer;

/** The handler of what is closed without ever having been an application's connection. */
enum RefusedHandler implements Handler {
  INSTANCE;

  @Override
  public void onData(Connection connection, Buffer buffer) {
    throw new AssertionError("a refused connection is never read from");
  }
}
