package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.loop.EventLoop;
import io.janus.socket.Address;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One stream connection of an application, the same on every engine. It belongs to one loop: every method but {@link
 * #execute} and {@link #loop} is for that loop's thread only; those that act throw {@link IllegalStateException} elsewhere.
 */
public final class Connection {
  /** The handle of a connection that has none (any more). */
  static final long NO_HANDLE = -1;

  final ConnectionManager manager;
  final Handler handler;

  /** The manager's name for the connection: slot | generation << 32. */
  long token;

  /**
   * On readiness the process's socket; on completion the port's handle, which is no socket. {@link #NO_HANDLE} where there is none (any
   * more). Only the model may know which it is.
   */
  long handle;

  /**
   * On readiness the poller's registration, kept for the connection's life from the first watch on, 0 before. On completion the last
   * receive submitted, which is in flight only while READ_ARMED says so. For a listener's handle on its way out it is {@link
   * Listener#accepting}.
   */
  long reading;

  /** On completion the last send, connect or shutdown submitted, in flight only while its bit says so; unused on readiness. */
  long writing;

  int bits;
  int errorCode;
  long activeAt;
  @Nullable Outbound outbound;

  /** Sends that are with the socket and whose buffers the kernel has not let go. */
  @Nullable PinnedSends pinned;

  /** Bytes that came after a pause, in order; given to the handler first at resume. */
  @Nullable ArrayDeque<Buffer> held;

  @Nullable ConnectionDeadline deadline;

  /** When the deadline runs out, kept here because a busy connection asks for it at every send. */
  long lookAt = ConnectionTimes.NEVER;

  private @Nullable Object attachment;

  Connection(ConnectionManager manager, Handler handler, long handle) {
    this.manager = manager;
    this.handler = handler;
    this.handle = handle;
  }

  /**
   * Sends the buffer's readable bytes after all bytes sent before. The buffer is taken, also when it was only lent; it goes
   * back to its pool by itself.
   *
   * <p>After {@link #close}, {@link #abort} or a failure the buffer is taken as well and its bytes are thrown away: onClosed follows,
   * and a sender that does not know yet has done nothing wrong.
   *
   * @return true if it was taken; false if the outbound queue is full: then the buffer is still the caller's, and {@link
   *     Handler#onDrained} tells when to try again
   * @throws IllegalStateException after {@link #shutdownOutput}; the buffer is still the caller's then
   */
  public boolean send(Buffer buffer) {
    Objects.requireNonNull(buffer, "buffer");
    manager.checkLoop();
    return manager.output.send(this, buffer);
  }

  /**
   * Sends a copy of a heap array's bytes after all bytes sent before; after {@link #close} as {@link #send} does.
   *
   * @return true if all were taken; false if none were: the outbound queue is full ({@link #isOutboundFull}, onDrained follows), or
   *     no pooled buffer is free at this moment, which nothing tells the end of: try again later or abort
   * @throws IllegalArgumentException if the array is longer than the limit outboundBytes, so that it could never be taken whole
   * @throws IllegalStateException after {@link #shutdownOutput}
   */
  public boolean sendCopy(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    manager.checkLoop();
    return manager.output.sendCopy(this, bytes);
  }

  /** An empty buffer of the loop's pool, now the caller's, or null if the pool is used up. */
  public @Nullable Buffer acquireBuffer() {
    manager.checkLoop();
    return manager.pool.acquire();
  }

  /** Bytes that were sent but not yet taken by the kernel. */
  public int outboundBytes() {
    Outbound queue = outbound;
    return queue == null ? 0 : queue.bytes();
  }

  /** True if {@link #send} would refuse now. {@link Handler#onDrained} follows. */
  public boolean isOutboundFull() {
    return (bits & ConnectionState.OUTBOUND_FULL) != 0;
  }

  /**
   * Decides what a full outbound queue does to this connection's own input. By default reading pauses by itself until there
   * is room, which suits servers that answer what they read. A forwarder, whose outbound bytes come from another connection,
   * switches that off and pauses the other one. It holds at once, also for a queue that is full already.
   */
  public void pauseReadingWhenOutboundIsFull(boolean pause) {
    manager.checkLoop();
    manager.output.pauseReadingWhenFull(this, pause);
  }

  /**
   * No onData until {@link #resumeReading}. What came meanwhile, the peer's end included, is told then, in order. It also says
   * that the connection is busy: a drain does not close it before it has been resumed.
   */
  public void pauseReading() {
    manager.checkLoop();
    manager.pause(this, ConnectionState.PAUSED_APPLICATION);
  }

  /** Undoes {@link #pauseReading}. */
  public void resumeReading() {
    manager.checkLoop();
    manager.resume(this, ConnectionState.PAUSED_APPLICATION);
  }

  /** Sends FIN after all bytes sent before; receiving goes on. */
  public void shutdownOutput() {
    manager.checkLoop();
    manager.output.shutdownOutput(this);
  }

  /**
   * Ends the connection in order: all bytes sent before go out, then FIN; what still comes is thrown away until the peer ends
   * too or the linger deadline passes. {@link Handler#onClosed} follows.
   *
   * <p>Before the connect has ended this is remembered if something was sent, and done when it has, without onOpen; if the connect fails
   * {@link #failure} tells. If nothing was sent the connect is given up at once.
   */
  public void close() {
    manager.checkLoop();
    manager.close(this);
  }

  /** Ends the connection at once by a reset; unsent bytes are lost. {@link Handler#onClosed} follows. */
  public void abort() {
    manager.checkLoop();
    manager.abort(this);
  }

  /**
   * Connects another connection on this connection's loop, so that the two can call each other directly: what a proxy needs.
   * The handler learns later how it ended, as by {@link io.janus.Janus#connect}; until then the connection can be given an
   * attachment, and what is sent on it waits.
   *
   * @throws java.util.concurrent.RejectedExecutionException while the engine closes, and in {@link Handler#onClosed} while a drain goes on:
   *     so a handler that connects again there ends with both, and may let this through, which is not reported; also elsewhere when
   *     the time of a drain is over, until it has cut what is left
   */
  public Connection connectOnSameLoop(Address to, Handler with) {
    Objects.requireNonNull(to, "address");
    Objects.requireNonNull(with, "handler");
    return manager.connect(to, with);
  }

  /**
   * Runs a task on the connection's loop, from any thread. The connection may have ended by then.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop's mailbox is full or the loop has ended; the task does not run
   *     then
   */
  public void execute(Runnable task) {
    manager.loop.execute(task);
  }

  /** The loop that the connection belongs to. */
  public EventLoop loop() {
    return manager.loop;
  }

  /** True until close, abort or a failure. */
  public boolean isOpen() {
    return state() == ConnectionState.OPEN;
  }

  /**
   * Why the connection ended or is about to, or null if it is open or ended in order. What came while it was
   * paused is told after {@link #resumeReading}, and after {@link #close} only if bytes were lost by it. What this side did is told as such, with the
   * kind CONNECTION_ABORTED: {@link #abort} and the engine's close, or a callback that threw.
   */
  public @Nullable OsError failure() {
    if (errorCode == 0 || Ending.isHeld(this)) {
      return null;
    }
    return has(ConnectionState.ENDED_HERE) ? endedHere() : OsError.of(errorCode);
  }

  private OsError endedHere() {
    boolean threw = has(ConnectionState.HANDLER_THREW);
    return new OsError(
        OsError.of(errorCode).code(),
        threw ? "HANDLER_THREW" : "ABORTED_HERE",
        ErrorKind.CONNECTION_ABORTED,
        threw ? "the connection's handler threw" : "this side ended the connection",
        threw ? "the report names the callback and what it threw" : "nothing to do");
  }

  /** The peer's address, or null if the connection is gone. A system call. */
  public @Nullable Address peerAddress() {
    manager.checkLoop();
    return ask(manager.sockets::peerAddress);
  }

  /** This side's address, or null if the connection is gone. A system call. */
  public @Nullable Address localAddress() {
    manager.checkLoop();
    return ask(manager.sockets::localAddress);
  }

  /** Asks the connection's socket, or one that is borrowed for the question; null if there is none to ask. */
  <T> @Nullable T ask(LongFunction<@Nullable T> question) {
    if (handle == NO_HANDLE) {
      return null;
    }
    long socket = manager.socketOf(this);
    if (socket >= 0) {
      return question.apply(socket);
    }
    long lent = manager.lend(this);
    if (lent < 0) {
      return null;
    }
    try {
      return question.apply(lent);
    } finally {
      manager.sockets.closeSocket(lent);
    }
  }

  /** What the application keeps with the connection. */
  public @Nullable Object attachment() {
    return attachment;
  }

  /** Sets what the application keeps with the connection. */
  public void attach(@Nullable Object object) {
    attachment = object;
  }

  int state() {
    return bits & ConnectionState.STATE_MASK;
  }

  void state(int state) {
    bits = (bits & ~ConnectionState.STATE_MASK) | state;
  }

  boolean has(int bit) {
    return (bits & bit) != 0;
  }

  void set(int bit) {
    bits |= bit;
  }

  void clear(int bit) {
    bits &= ~bit;
  }

  @Override
  public String toString() {
    return "connection " + Long.toHexString(token) + " (" + ConnectionState.word(bits) + ")";
  }
}
