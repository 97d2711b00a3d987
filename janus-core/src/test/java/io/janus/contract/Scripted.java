package io.janus.contract;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.ffi.OsError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A handler that does what the test says, collects what comes, and notes every break of the promises about callbacks: one at a
 * time, on the loop's thread, onOpen first, onPeerClosed at most once and no data after it, onClosed once and last.
 */
final class Scripted implements Handler {
  /** What to do with bytes. */
  interface OnData {
    void accept(Connection connection, Buffer buffer);
  }

  private enum Stage {
    OPENED,
    PEER_ENDED,
    CLOSED
  }

  final Bytes received = new Bytes();
  Consumer<Connection> onOpen = connection -> {};
  OnData onData = (connection, buffer) -> received.append(buffer.copyOut());
  Consumer<Connection> onDrained = connection -> {};
  Consumer<Connection> onPeerClosed = Connection::close;
  Consumer<Connection> onClosed = connection -> {};

  final List<Connection> connections = new CopyOnWriteArrayList<>();
  final AtomicInteger data = new AtomicInteger();
  final AtomicInteger drained = new AtomicInteger();
  final AtomicInteger peerEnds = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  final List<OsError> failures = new CopyOnWriteArrayList<>();
  final List<String> violations = new CopyOnWriteArrayList<>();
  private final Map<Connection, Stage> stages = new ConcurrentHashMap<>();
  private final Map<Connection, String> running = new ConcurrentHashMap<>();

  /** Answers every byte. */
  static Scripted echo() {
    Scripted echo = new Scripted();
    echo.onData = Connection::send;
    return echo;
  }

  Connection first() {
    return connections.getFirst();
  }

  @Override
  public void onOpen(Connection connection) {
    connections.add(connection);
    if (stages.put(connection, Stage.OPENED) != null) {
      violations.add("onOpen was not the first call");
    }
    call("onOpen", connection, () -> onOpen.accept(connection));
  }

  @Override
  public void onData(Connection connection, Buffer buffer) {
    expect("onData", connection, Stage.OPENED);
    if (buffer.readable() == 0) {
      violations.add("onData without a byte");
    }
    data.incrementAndGet();
    call("onData", connection, () -> onData.accept(connection, buffer));
  }

  @Override
  public void onDrained(Connection connection) {
    if (!stages.containsKey(connection) || stages.get(connection) == Stage.CLOSED) {
      violations.add("onDrained outside the connection's life");
    }
    drained.incrementAndGet();
    call("onDrained", connection, () -> onDrained.accept(connection));
  }

  @Override
  public void onPeerClosed(Connection connection) {
    expect("onPeerClosed", connection, Stage.OPENED);
    stages.put(connection, Stage.PEER_ENDED);
    peerEnds.incrementAndGet();
    call("onPeerClosed", connection, () -> onPeerClosed.accept(connection));
  }

  @Override
  public void onClosed(Connection connection) {
    if (stages.put(connection, Stage.CLOSED) == Stage.CLOSED) {
      violations.add("onClosed twice");
    }
    if (connection.failure() != null) {
      failures.add(connection.failure());
    }
    call("onClosed", connection, () -> onClosed.accept(connection));
    closed.incrementAndGet();
  }

  private void expect(String callback, Connection connection, Stage stage) {
    if (stages.get(connection) != stage) {
      violations.add(callback + " after " + stages.get(connection));
    }
  }

  private void call(String callback, Connection connection, Runnable action) {
    String other = running.put(connection, callback);
    if (other != null) {
      violations.add(callback + " inside " + other);
    }
    if (!connection.loop().inLoop()) {
      violations.add(callback + " outside the loop's thread");
    }
    try {
      action.run();
    } finally {
      running.remove(connection);
    }
  }
}
