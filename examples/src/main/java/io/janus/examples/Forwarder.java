package io.janus.examples;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.socket.Address;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Forwards every connection to another address, with back-pressure in both directions: a side that does not read stops the
 * other side's sender. Arguments: listen HOST:PORT, target HOST:PORT, and an engine if it is not to be the
 * best one here.
 */
public final class Forwarder implements Handler {
  private final Address target;

  /** Told once, and not for each of the clients that come meanwhile; all loops share it. */
  private final AtomicBoolean targetIsGone = new AtomicBoolean();

  private Forwarder(Address target) {
    this.target = target;
  }

  /** Runs until it is ended. */
  public static void main(String[] args) throws Exception {
    Address wanted = Address.parse(args[0]);
    Forwarder forwarder = new Forwarder(Address.parse(args[1]));
    String engine = args.length > 2 ? args[2] : "auto";
    Janus janus = Janus.open(EngineOptions.defaults().withEngine(engine));
    System.out.println("listening on " + janus.listen(wanted, forwarder));
  }

  @Override
  public void onOpen(Connection client) {
    // A full side pauses the other side below, not itself: it may still have bytes for us.
    client.pauseReadingWhenOutboundIsFull(false);
    client.pauseReading();
    Connection toTarget = client.connectOnSameLoop(target, new TargetSide());
    toTarget.attach(client);
    client.attach(toTarget);
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

  /** The same on the side of the target, which is not there at first, or never. */
  private final class TargetSide implements Handler {
    private boolean connected;

    @Override
    public void onOpen(Connection connection) {
      connected = true;
      if (targetIsGone.getAndSet(false)) {
        System.err.println("target " + target + " is there again");
      }
      connection.pauseReadingWhenOutboundIsFull(false);
      other(connection).resumeReading();
    }

    @Override
    public void onData(Connection from, Buffer buffer) {
      Forwarder.this.onData(from, buffer);
    }

    @Override
    public void onDrained(Connection connection) {
      Forwarder.this.onDrained(connection);
    }

    @Override
    public void onPeerClosed(Connection connection) {
      Forwarder.this.onPeerClosed(connection);
    }

    @Override
    public void onClosed(Connection connection) {
      // A client that leaves before the target is there gives the connect up as well, which says nothing of the target.
      if (!connected && other(connection).isOpen() && !targetIsGone.getAndSet(true)) {
        System.err.println(
            "target " + target + ": " + connection.failure()
                + "; clients are ended until it is there, this line comes once");
      }
      Forwarder.this.onClosed(connection);
    }
  }
}
