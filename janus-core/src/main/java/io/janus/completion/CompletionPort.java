package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.iocp.IocpPort;
import io.janus.completion.uring.UringPort;
import io.janus.completion.uring.UringProbe;
import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.Objects;

/**
 * Starts operations and hands out their ends: IOCP's way, as public API for people who want the familiar loop. {@link #open} makes the
 * native one of this system, {@code Engine.openPort} the best that runs here.
 *
 * <p><b>Threads.</b> A port belongs to the thread that opened it; {@link #post} and {@link #wake} are for any thread. A cancel
 * from another thread goes by way of {@link #post} to the owner. Every other verb throws {@link IllegalStateException} on another
 * thread, and after {@link #close}.
 *
 * <p><b>Operations.</b> A submit returns the operation (above zero), or an error below zero, and then nothing was taken. Each
 * operation ends by exactly one completion without {@link Completions#more}; until then it holds its slot and its buffers.
 * Results that are there at once wait for the next {@link #await} like all others: no recursion, one order. On one handle one
 * operation that takes (accept, receive) and one that gives (connect, send) may be in flight at the same time; a second of the
 * same direction is refused with {@link io.janus.ffi.ErrorCode#BUSY}, because their order would be unknown.
 *
 * <p><b>Sends without a copy.</b> On a port that is {@link #ZERO_COPY} a send can complete several times: with {@link Completions#more}
 * and a number of bytes each time the socket has taken some, the rest follows by itself; at last, without more, when the kernel has let
 * their memory go, which may take as long as the peer does, and only then the buffers come back. The numbers add up to what was sent, the last one
 * being 0 if all was told before. As soon as all bytes are told the next send may be submitted, so several can be in flight, in order.
 * An error is told with more as soon as it is known, and once again by the last completion.
 *
 * <p><b>Buffers.</b> Submitting gives a buffer away, the last completion gives it back with its indexes moved. A submit of a
 * buffer that the caller does not own, or of one buffer twice, throws {@link IllegalStateException}; a missing one, or a missing
 * address, {@link NullPointerException}. Nothing was taken then.
 */
public interface CompletionPort extends AutoCloseable {

  /** Wish: complete again and again without a new submit. Only {@link Completions#more} tells whether it was granted. */
  int REPEAT = 1;

  /** Wish: an accept tells the peer's address. */
  int WITH_PEER = 2;

  /** Wish: a close tells the peer by a reset, and unsent bytes are thrown away. */
  int RESET = 4;

  /** Ability: {@link #REPEAT} can be granted. */
  int CAN_REPEAT = 1;

  /** Ability: handles without a descriptor of the process. */
  int DIRECT = 2;

  /** Ability: sends without a copy into the kernel, which complete more than once. */
  int ZERO_COPY = 4;

  /** Ability: connects to the path of a Unix socket, where the system has them; else {@link io.janus.ffi.ErrorCode#NO_SUCH_FAMILY}. */
  int PATHS = 8;

  /** Waits without end. */
  long FOREVER = -1;

  /**
   * Opens the native port of this system for the calling thread: io_uring on Linux, a completion port on Windows. Where it cannot run,
   * or where the choice is the user's, {@code Engine.openPort} opens this one or the emulation, which is no native port and stands a
   * room above.
   *
   * @param sockets the verbs of the same thread, for what the port has no operation for; they stay the caller's
   * @param pool of the same thread, from which receives without a buffer are filled; it stays the caller's, to be closed after the port
   * @param limits {@link Limits#operations}, {@link Limits#batchEvents}, {@link Limits#backlog} and {@link Limits#mailboxTasks} bound the
   *     port
   * @param counters counts the system calls, of the same thread
   * @throws UnsupportedOperationException if the native port cannot run here, with the reason and the remedy in one sentence
   * @throws OsException if the system has no descriptor left
   */
  static CompletionPort open(
      Sockets sockets, BufferPool pool, Limits limits, Counters counters, PortOptions options)
      throws OsException {
    Objects.requireNonNull(sockets, "sockets");
    Objects.requireNonNull(pool, "pool");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(counters, "counters");
    Objects.requireNonNull(options, "options");
    if (SystemName.WINDOWS) {
      return IocpPort.open(sockets, pool, limits, counters, options.skipPackets());
    }
    if (!SystemName.LINUX) {
      throw new UnsupportedOperationException(
          "Janus has no native completion port for " + SystemName.NAME
              + "; use Linux or Windows");
    }
    try {
      return UringPort.open(
          sockets, pool, limits, counters, options.directDescriptors(), options.zeroCopyBytes());
    } catch (OsException refused) {
      throw UringProbe.refused(refused, limits);
    }
  }

  /**
   * Makes a socket of the process known to this port, for the rest of its life. From now on it is used and closed through the
   * port only: where another part of the program closes it all the same, io_uring and Windows may tell an operation in flight, and on
   * the emulation only a cancel ends it. A blocking one is made non-blocking, and on io_uring gets a receive and a send time (SO_RCVTIMEO,
   * SO_SNDTIMEO) of a tick, which those see, too, who have it by another descriptor, and what a listener accepts.
   *
   * @return the handle (above zero), or an error: it is no socket, or on a completion port of Windows another port has it; then nothing was
   *     taken. The emulation does not see that another port has it
   */
  long adopt(long socket);

  /** The socket of the process behind a handle, for reading its addresses and options; −1 if there is none. */
  long socket(long handle);

  /**
   * A socket of the process that means the same connection as a handle without one ({@link #DIRECT}). The caller closes it, and the
   * handle goes on; −1 or an error if there is none to have.
   */
  default long lend(long handle) {
    return -1;
  }

  /**
   * Gives up a handle on which nothing was ever submitted, such as a connection just accepted, so that another port can adopt its
   * socket.
   *
   * @return the socket, the caller's from now on, and the handle is gone; or −1 where that cannot be, and nothing has changed
   */
  default long disown(long handle) {
    return -1;
  }

  /**
   * Takes one connection from a listening handle; the completion's {@link Completions#handle} is the new connection, adopted.
   *
   * @param flags {@link #REPEAT}, {@link #WITH_PEER} or 0
   */
  long accept(long listener, int flags, long token);

  /**
   * Connects. A handle that has connected on this port, or was accepted, stays connected, and a further connect ends with {@link
   * io.janus.ffi.ErrorCode#ALREADY_CONNECTED}. Of a connect that was begun elsewhere before its socket was adopted, Linux may tell the end
   * by a 0 first, as connect(2) does. After a cancelled connect the handle is good for nothing but {@link #close}.
   */
  long connect(long handle, Address peer, long token);

  /**
   * Receives into a buffer that the port picks when bytes exist, so that an idle connection holds none. The pool being empty
   * ends it with {@link io.janus.ffi.ErrorCode#NO_BUFFER}; the bytes stay in the socket.
   *
   * @param flags {@link #REPEAT} or 0
   */
  long receive(long handle, int flags, long token);

  /**
   * Receives into the writable room of a buffer of the caller, given away now.
   *
   * @throws IllegalArgumentException if it has no room
   */
  long receive(long handle, Buffer into, long token);

  /**
   * Sends the readable bytes of a buffer; may end short, the rest is then still readable. One that is not copied ends short only if it
   * was asked to end or has failed.
   */
  long send(long handle, Buffer from, long token);

  /**
   * Sends the readable bytes of several buffers as one; may end short.
   *
   * @param count 1 to {@link io.janus.socket.Sockets#MAX_GATHER}
   */
  long sendAll(long handle, Buffer[] from, int count, long token);

  /** Sets an option by the system's own numbers; the value is the buffer's readable bytes. */
  long option(long handle, int level, int name, Buffer value, long token);

  /**
   * Sends FIN after what was sent before: a connect or send that is still in flight on the handle goes first, however it ends. What a
   * send leaves by ending short is not sent any more, so whoever cannot know waits for its completion. While one shutdown waits so, a
   * second is refused with {@link io.janus.ffi.ErrorCode#BUSY}.
   */
  long shutdownOutput(long handle, long token);

  /** Closes the handle in order. */
  default long close(long handle, long token) {
    return close(handle, 0, token);
  }

  /**
   * Closes the handle. From now on it is not found, by a second close neither.
   *
   * @param flags {@link #RESET} or 0
   * @throws IllegalStateException while an operation is in flight on it: cancel it and take its completion first
   */
  long close(long handle, int flags, long token);

  /**
   * Wishes an operation to end soon. The verdict is the operation's own last completion: {@link
   * io.janus.ffi.ErrorCode#CANCELLED}, or done with its bytes. After a cancelled receive the connection is usable and no byte
   * is lost; after a cancelled send or connect it must be closed.
   *
   * @return false if the operation is over or its completion is already on its way, for a second wish, and for an option, a shutdown
   *     and a close, which cannot be asked to end
   */
  boolean cancel(long operation);

  /**
   * Hands what was submitted to the kernel now, without taking completions; await does so by itself. For an owner who submits and then
   * waits for something else.
   *
   * @return false if the kernel has not taken all of it, for want of memory as a rule: call again in a moment, or await
   */
  default boolean flush() {
    return true;
  }

  /**
   * Waits for completions.
   *
   * @param out is emptied and filled
   * @param timeoutNanos 0 looks only, {@link #FOREVER} waits without end; otherwise nanoseconds, rounded up to the backend's
   *     grain
   * @return completions in the batch; 0 after a timeout, a wake, or for no reason at all
   * @throws IllegalStateException if the kernel has lost a completion, which io_uring can for want of memory; once, at the first await
   *     that learns of it. Which operation it was nobody knows: the others go on, that one never ends before {@link #close}
   */
  int await(Completions out, long timeoutNanos);

  /**
   * Puts a completion of kind {@link Operation#POST} into the port, from any thread, and wakes it.
   *
   * @return false if too many posts wait already, or after {@link #close}; nothing was taken
   */
  boolean post(long token, int value);

  /** Ends the current await, or the next one, from any thread. Sticky and coalesced; never shows in the batch. Nothing after close. */
  void wake();

  /** Bits of {@link #CAN_REPEAT}, {@link #DIRECT}, {@link #ZERO_COPY} and {@link #PATHS}. */
  int abilities();

  /**
   * How many connections a repeated accept may bring beyond a batch before its owner has heard of them: what the port's own queue of
   * completions holds. Who may hold only so many connections accepts one by one when there is no room for these.
   */
  default int acceptsBehindABatch() {
    return 0;
  }

  /** How it was set up, in words for a person; empty if there was nothing to choose. Any thread, also after close. */
  default String setUp() {
    return "";
  }

  /** Operations in flight, those whose completion waits for an await included. */
  int inFlight();

  /**
   * Cancels what is in flight and waits until it has ended, gives every buffer back to its pool, closes every handle and frees what the
   * port holds. Buffers of the caller that were in flight are released; completions not yet taken are lost. A second close does
   * nothing.
   *
   * @throws IllegalStateException if the kernel does not end something; then its memory stays mapped, no other verb works any more, and
   *     close can be tried again
   */
  @Override
  void close();
}
