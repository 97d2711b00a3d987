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
  public void onOpen(Connection client) {
    // Nothing is read before there is somebody to give it to.
    client.pauseReading();
    client.pauseReadingWhenOutboundIsFull(false);
    client.connectOnSameLoop(target, new TargetSide(client));
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
    if (connection.attachment() instanceof Connection other) {
      if (connection.failure() == null) {
        other.close();
      } else {
        other.abort();
      }
    }
  }

  private static Connection other(Connection connection) {
    return (Connection) Objects.requireNonNull(connection.attachment());
  }

  /** The connection to the target: joins the two, then does as the client's side does. */
  private final class TargetSide implements Handler {
    private final Connection client;

    TargetSide(Connection client) {
      this.client = client;
    }

    @Override
    public void onOpen(Connection connection) {
      connection.pauseReadingWhenOutboundIsFull(false);
      connection.attach(client);
      client.attach(connection);
      client.resumeReading();
    }

    @Override
    public void onData(Connection connection, Buffer buffer) {
      Forwarder.this.onData(connection, buffer);
    }

    @Override
    public void onDrained(Connection connection) {
      client.resumeReading();
    }

    @Override
    public void onPeerClosed(Connection connection) {
      client.shutdownOutput();
    }

    @Override
    public void onClosed(Connection connection) {
      connection.attach(client);
      Forwarder.this.onClosed(connection);
    }
  }
}
