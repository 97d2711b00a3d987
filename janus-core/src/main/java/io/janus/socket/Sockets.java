package io.janus.socket;

import io.janus.buffer.Buffer;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The synchronous verbs on sockets of one thread, the same on every system. A verb that would have to wait answers {@link
 * io.janus.ffi.ErrorCode#WOULD_BLOCK}. Results of zero or more are results; below zero is an error for {@link
 * io.janus.ffi.OsError#of(int)}. A signal (EINTR) never shows: the verb goes on.
 *
 * <p>This is also the seam at which a simulated network takes the kernel's place.
 */
public interface Sockets extends AutoCloseable {

  /** Most buffers that one {@link #sendAll} takes. */
  int MAX_GATHER = 16;

  /**
   * The verbs of this system, for the calling thread only.
   *
   * @param counters counts the system calls, of the same thread
   */
  static Sockets open(Counters counters) {
    Objects.requireNonNull(counters, "counters");
    if (SystemName.LINUX) {
      return new LinuxSockets(counters);
    }
    if (SystemName.WINDOWS) {
      return new WindowsSockets(counters);
    }
    throw new UnsupportedOperationException(
        "Janus does not run on " + SystemName.NAME + "; use Linux or Windows");
  }

  /**
   * A new non-blocking stream socket for addresses like this one, which child processes do not get. One for IPv6 takes IPv4
   * peers as well, where the system allows.
   */
  long open(Address like);

  /**
   * Makes a socket of another origin one whose verbs answer {@link io.janus.ffi.ErrorCode#WOULD_BLOCK} instead of waiting; those of {@link
   * #open} and {@link #accept} are so from the start.
   */
  int setNonBlocking(long socket);

  /** Gives the socket its address, bind(2). On Windows nobody else can have the same address then, whatever he sets. */
  int bind(long socket, Address address);

  /** listen(2); the kernel cuts the backlog at its own limit (somaxconn; 200 to 65,535 on Windows). */
  int listen(long socket, int backlog);

  /**
   * Takes one connection from a listener; the new socket is non-blocking, and child processes do not get it. (On Windows a process
   * that is started between two system calls of this verb does.)
   */
  long accept(long listener);

  /** Starts a connect: 0 = connected, {@link io.janus.ffi.ErrorCode#IN_PROGRESS} = wait for writability. */
  int connect(long socket, Address to);

  /**
   * Ends a connection at once by a reset, throwing away what the kernel still holds of it, without closing the socket: connect(2)
   * with an address of no family. Windows has no such way: {@link io.janus.ffi.ErrorCode#NOT_SUPPORTED}; close with {@link
   * SocketOption#RESET_ON_CLOSE} there.
   */
  int disconnect(long socket);

  /** How a started connect ended: 0 or its error; a read of SO_ERROR, which clears it. */
  int connectResult(long socket);

  /**
   * Receives into the buffer's writable room: bytes, 0 at the peer's end, or an error. Moves the write index. Without room the
   * answer is {@link io.janus.ffi.ErrorCode#INVALID}.
   */
  int receive(long socket, Buffer into);

  /** Sends the buffer's readable bytes, maybe only the first of them. Moves the read index. */
  int send(long socket, Buffer from);

  /**
   * Sends the readable bytes of several buffers with one call, maybe only the first of them. Moves the read indexes.
   *
   * @param count 1 to {@link #MAX_GATHER}
   * @throws IllegalArgumentException if the number is another, or above that of the buffers; nothing was sent
   */
  int sendAll(long socket, Buffer[] from, int count);

  /** Sets an option with a meaning on every system. */
  int setOption(long socket, SocketOption option, int value);

  /** Reads an option with a meaning on every system. */
  int getOption(long socket, SocketOption option);

  /** Sets any option of the system by its own numbers; the value is the buffer's readable bytes. */
  int setOption(long socket, int level, int name, Buffer value);

  /** Sends FIN after what was sent before; receiving goes on. */
  int shutdownOutput(long socket);

  /** Closes the socket; its number may be in use again at once. */
  int closeSocket(long socket);

  /** The socket's own address, or null if it has none (any more). */
  @Nullable
  Address localAddress(long socket);

  /** The peer's address, or null if there is none (any more). */
  @Nullable
  Address peerAddress(long socket);

  /**
   * How many bytes of a connection the peer's system has acknowledged, ever; below zero where the system does not tell, as Windows does not,
   * and Linux only for TCP. A system call.
   */
  default long acknowledgedBytes(long socket) {
    return ErrorCode.NOT_SUPPORTED;
  }

  /**
   * The number below which the process may open sockets now; it can be changed from outside while the process runs. Without end where a
   * system has no such limit. A system call.
   */
  default long descriptorLimit() {
    return Long.MAX_VALUE;
  }

  /** Frees the scratch memory of these verbs. Sockets stay open. */
  @Override
  void close();
}
