package io.janus;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts, and sends nothing. */
final class Counting implements Handler {
  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();

  @Override
  public void onOpen(Connection connection) {
    opened.incrementAndGet();
  }

  @Override
  public void onData(Connection connection, Buffer buffer) {
    connection.pauseReading();
  }

  @Override
  public void onClosed(Connection connection) {
    closed.incrementAndGet();
  }
}
