package io.janus.cli.load;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the silent connections of one client loop are still alive: at the end each sends one message and must have it back, byte
 * for byte, a few at a time. Everything here runs on the loop's thread.
 */
final class IdleCheck {
  private static final int AT_ONCE = 64;
  private static final int MESSAGE_BYTES = 64;

  /** What a connection carries while its message is on the way. */
  private static final class Echo {
    final int number;
    int received;

    Echo(int number) {
      this.number = number;
    }
  }

  private final LoadLoop home;
  private final List<Connection> connections = new ArrayList<>();
  private int next;
  private int waiting;
  private int answered;

  IdleCheck(LoadLoop home) {
    this.home = home;
  }

  void add(Connection connection) {
    connections.add(connection);
  }

  /** Sends the first messages; each answer brings the next. */
  void begin() {
    for (int i = 0; i < AT_ONCE; i++) {
      sendNext();
    }
  }

  /** Connections that have answered. */
  int answered() {
    return answered;
  }

  /** True if nobody is left to ask or to wait for. */
  boolean isDone() {
    return waiting == 0 && next == connections.size();
  }

  /** No answer is awaited any more; who has not given one is an error. */
  void giveUp() {
    // Who has ended was counted by his end.
    long unasked =
        connections.subList(next, connections.size()).stream().filter(Connection::isOpen).count();
    int silent = waiting + (int) unasked;
    if (silent > 0) {
      home.errors.add(
          ErrorKind.TIMED_OUT, silent, "an idle connection did not echo a message at the end");
    }
  }

  /** Bytes came; false if this connection was not asked. */
  boolean received(Connection connection, Buffer buffer) {
    if (!(connection.attachment() instanceof Echo echo)) {
      return false;
    }
    int bytes = buffer.readable();
    if (echo.received + bytes > MESSAGE_BYTES
        || home.pattern.mismatch(buffer, echo.number, echo.received) >= 0) {
      home.mismatch("idle connection " + echo.number + ": what came back is not what was sent");
      end(connection);
      IdleConnection.giveUp(connection);
      return true;
    }
    home.verifiedBytes += bytes;
    echo.received += bytes;
    if (echo.received == MESSAGE_BYTES) {
      answered++;
      end(connection);
    }
    return true;
  }

  /** A connection has ended; if it was asked, the next one is. */
  void closed(Connection connection) {
    if (connection.attachment() instanceof Echo) {
      end(connection);
    }
  }

  private void end(Connection connection) {
    connection.attach(IdleConnection.OPENED);
    waiting--;
    sendNext();
  }

  private void sendNext() {
    while (next < connections.size()) {
      Connection connection = connections.get(next);
      Buffer buffer = connection.isOpen() ? connection.acquireBuffer() : null;
      if (buffer == null) {
        // Ended, which its own error tells; or the pool is used up, and then it has not answered.
        next++;
        continue;
      }
      home.pattern.fill(buffer, next, 0, MESSAGE_BYTES);
      connection.attach(new Echo(next));
      next++;
      waiting++;
      connection.send(buffer);
      return;
    }
  }
}
