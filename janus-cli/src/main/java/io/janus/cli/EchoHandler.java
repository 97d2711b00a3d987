package io.janus.cli;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;

/**
 * Sends back what comes. The base pauses reading while a client's outbound queue is full, so a client that never reads costs
 * no more than that queue; after the client's FIN everything queued goes out before ours.
 */
final class EchoHandler implements Handler {
  @Override
  public void onData(Connection connection, Buffer buffer) {
    if (!connection.send(buffer)) {
      // Reading is paused while the queue is full, so this would be an error of the engine; losing bytes silently is worse.
      throw new IllegalStateException("bytes came while the outbound queue was full");
    }
  }
}
