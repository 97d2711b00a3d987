package io.janus.connection;

import io.janus.loop.Deadline;

/** The next moment at which a connection must be looked at: idle, unsent bytes that nobody takes, connect or close too slow. */
final class ConnectionDeadline extends Deadline {
  private final Connection connection;

  ConnectionDeadline(Connection connection) {
    this.connection = connection;
  }

  @Override
  protected void expired(long nowNanos) {
    connection.manager.times.reached(connection, nowNanos);
  }
}
