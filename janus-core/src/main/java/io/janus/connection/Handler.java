package io.janus.connection;

import io.janus.buffer.Buffer;

/**
 * What an application writes. One handler may serve all connections; what belongs to one goes into {@link
 * Connection#attachment()}. All calls for one connection come one after the other on its loop's thread, so they must not
 * block: the watchdog reports one that does. A call that throws closes that connection only.
 *
 * <p>A handler that has its answers computed on another thread pauses the connection by {@link Connection#pauseReading} until
 * the answer is sent and then resumes it (both on the loop, by {@link Connection#execute}). So requests do not pile up, and
 * {@link io.janus.Janus#drain} knows that an answer is still to come: it cannot see what other threads do.
 *
 * <p>The order is: {@code onOpen} once, then {@code onData} and {@code onDrained} as it comes, {@code onPeerClosed} at most
 * once, {@code onClosed} once and last. A connect that fails, or a connection that is closed before its connect has ended, brings {@code onClosed} only.
 */
public interface Handler {

  /** The connection is open and will be read from. */
  default void onOpen(Connection connection) {}

  /**
   * Bytes came. The buffer is lent for the time of the call: read it, or take it by {@link Connection#send(Buffer)} or {@link
   * Buffer#keep()}.
   */
  void onData(Connection connection, Buffer buffer);

  /** After a full outbound queue there is room again: half of it or more. */
  default void onDrained(Connection connection) {}

  /**
   * The peer has ended its side: no more bytes will come. Sending still works. Unless overridden, the connection is closed,
   * after what was sent before has gone out. A connection whose two sides have both ended closes by itself.
   */
  default void onPeerClosed(Connection connection) {
    connection.close();
  }

  /** The connection is over and its memory is free. {@link Connection#failure()} tells why, if not by an orderly close. */
  default void onClosed(Connection connection) {}
}
