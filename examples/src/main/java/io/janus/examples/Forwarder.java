package io.janus.examples;

import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.socket.Address;
import java.util.Objects;

/**
 * Forwards every connection to another address, with back-pressure in both directions: a side that does not read stops the
 * other side's sender. Arguments: listen HOST:PORT, target HOST:PORT.
 */
public final class Forwarder implements Handler {
  private final Address target;

  private Forwarder(Address target) {
    this.target = target;
  }

  /** Runs until it is ended. */
  public static void main(String[] args) throws Exception {
    Janus janus = Janus.open();
    Forwarder forwarder = new Forwarder(Address.parse(args[1]));
    System.out.println("listening on " + janus.listen(Address.parse(args[0]), forwarder));
  }

  @Override
  public void onOpen(Connection connection) {
    // A full side pauses the other side below, not itself: it may still have bytes for us.
    connection.pauseReadingWhenOutboundIsFull(false);
    if (connection.attachment() instanceof Connection client) {
      client.resumeReading(); // The target is there.
      return;
    }
    connection.pauseReading();
    Connection toTarget = connection.connectOnSameLoop(target, this);
    toTarget.attach(connection);
    connection.attach(toTarget);
  }

  @Override
  public void onData(Connection from, Buffer buffer) {
    Connection to = other(from);
    to.send(buffer);
    if (to.isOutboundFull()) {
      from.pauseReading();
    }
  }

  @Override
  public void onDrained(Connection connection) {
    other(connection).resumeReading();
  }

  @Override
  public void onPeerClosed(Connection connection) {
    other(connection).shutdownOutput();
  }

  @Override
  public void onClosed(Connection connection) {
    if (connection.failure() == null) {
      other(connection).close();
    } else {
      other(connection).abort();
    }
  }

  private static Connection other(Connection connection) {
    return (Connection) Objects.requireNonNull(connection.attachment());
  }
}
