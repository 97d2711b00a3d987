package io.janus.completion.iocp;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.windows.AcceptAddresses;
import io.janus.ffi.windows.Mswsock;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import io.janus.socket.AddressBytes;
import io.janus.socket.SocketOption;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * Accepts: sockets that wait in a listener for connections. None waits for first bytes, so a peer that says nothing holds none of them
 * up.
 */
final class IocpAcceptor {
  private static final int MOST_AT_ONCE = 16;

  /** So many without a connection between are no affair of single connections any more. */
  private static final int FAILURES_IN_A_ROW = 64;

  /** Failures of an AcceptEx that say nothing about the listener: a peer that was gone before it was accepted. */
  private static final Set<ErrorKind> OF_ONE_CONNECTION =
      EnumSet.of(
          ErrorKind.CONNECTION_RESET,
          ErrorKind.CONNECTION_ABORTED,
          ErrorKind.NOT_CONNECTED,
          ErrorKind.TIMED_OUT);

  private final IocpParts parts;
  private final int most;

  IocpAcceptor(IocpParts parts, int acceptsPerTurn) {
    this.parts = parts;
    this.most = Math.min(acceptsPerTurn, MOST_AT_ONCE);
  }

  /** Begins an accept; an error if not one socket can wait for a connection, and then nothing was begun. */
  int start(IocpHandle listener, boolean repeats, boolean withPeer) {
    AcceptSockets accepts = listener.accepts;
    if (accepts == null) {
      Address like = parts.sockets.localAddress(listener.socket);
      if (like == null || !parts.instance.listens(listener.socket)) {
        // The system says so itself when AcceptEx is called; Wine takes the call, and it would never end.
        return ErrorCode.INVALID;
      }
      accepts = new AcceptSockets(like, parts.instance.extensions(like, listener.socket));
      if (accepts.extensions.error < 0) {
        return accepts.extensions.error;
      }
      listener.accepts = accepts;
    }
    boolean noDelay = parts.sockets.getOption(listener.socket, SocketOption.NO_DELAY) > 0;
    accepts.begin(repeats, withPeer, noDelay);
    int error = refill(listener, accepts);
    return accepts.count() > 0 ? 0 : error;
  }

  /** Sockets for connections to come, as many as the accept wants; 0, or the error that kept one away. */
  private int refill(IocpHandle listener, AcceptSockets accepts) {
    int wanted = accepts.repeats ? most : 1;
    while (accepts.count() < wanted) {
      int error = post(listener, accepts);
      if (isOfOneConnection(error) && isBearable(accepts)) {
        continue;
      }
      if (error < 0) {
        return error;
      }
    }
    return 0;
  }

  private int post(IocpHandle listener, AcceptSockets accepts) {
    int cell = parts.addressed.take();
    if (cell == OverlappedSlab.NONE) {
      return ErrorCode.BUSY;
    }
    long socket = parts.sockets.open(accepts.like);
    int result = (int) Math.min(0, socket);
    if (socket >= 0) {
      MemorySegment memory = parts.addressed.chunk(cell);
      long at = parts.addressed.at(cell);
      parts.addressed.prepare(cell);
      parts.counters.increment(Counter.ACCEPT_CALLS);
      int answer =
          Mswsock.acceptEx(parts.instance.errno, accepts.extensions.acceptEx, listener.socket,
              socket, memory, at + IocpParts.ADDRESSES_AT, IocpParts.ADDRESS_BYTES,
              at + IocpParts.COUNT_AT, at);
      result = parts.begun(listener, parts.addressed, cell, answer);
      if (result == ErrorCode.IN_PROGRESS) {
        accepts.add(cell, socket);
        return 0;
      }
      parts.sockets.closeSocket(socket);
    }
    parts.addressed.give(cell);
    return result;
  }

  /** A packet of one of the listener's accept sockets has come. */
  void landed(IocpHandle listener, AcceptSockets accepts, int i) {
    int cell = accepts.cell(i);
    long socket = accepts.socket(i);
    accepts.remove(i);
    int result = parts.landed(parts.addressed, cell);
    boolean accepted = result >= 0;
    if (accepted) {
      result = take(listener, accepts, cell, socket);
    }
    parts.addressed.give(cell);
    if (result < 0) {
      parts.sockets.closeSocket(socket);
      // Whatever kept a connection from being taken after it was accepted is its own affair, and a peer who has gone by then counts for
      // nothing: each of them took a connect, so there is no spin, and a flood of them must not hold up the others.
      if (!accepted || !isOfOneConnection(result)) {
        failed(listener, accepts, result, accepted || isOfOneConnection(result));
      }
    } else {
      accepts.failuresInARow = 0;
    }
    if (!accepts.ending && !accepts.over) {
      int error = refill(listener, accepts);
      if (error < 0) {
        end(listener, accepts, error);
      }
    }
    endWhenNoneIsLeft(listener, accepts);
  }

  /** The accepted socket becomes a handle; it is given to the port of the system at its first use, which may be another's. */
  private int take(IocpHandle listener, AcceptSockets accepts, int cell, long socket) {
    int result = parts.instance.updateAccepted(socket, listener.socket);
    if (result < 0) {
      return result;
    }
    if (accepts.noDelay) {
      // On Linux accepted sockets have it from their listener; Windows promises that of other options only.
      parts.sockets.setOption(socket, SocketOption.NO_DELAY, 1);
    }
    IocpHandle taken = parts.handleFor(socket);
    taken.plain = parts.isPlain(listener);
    taken.plainKnown = true;
    Address peer = accepts.withPeer ? peer(accepts, cell) : null;
    parts.done.add(listener.taking, 0, taken.id(), peer, accepts.repeats);
    accepts.over = !accepts.repeats;
    return 0;
  }

  private Address peer(AcceptSockets accepts, int cell) {
    MemorySegment memory = parts.addressed.chunk(cell);
    long at = parts.addressed.at(cell);
    Mswsock.getAcceptExSockaddrs(accepts.extensions.getAcceptExSockaddrs, memory,
        at + IocpParts.ADDRESSES_AT, IocpParts.ADDRESS_BYTES, at + IocpParts.FOUND_AT);
    MemorySegment remote = AcceptAddresses.remote(memory, at + IocpParts.FOUND_AT);
    return AddressBytes.decode(remote, (int) remote.byteSize());
  }

  private void failed(
      IocpHandle listener, AcceptSockets accepts, int error, boolean ofOneConnection) {
    if (!accepts.ending && !(ofOneConnection && isBearable(accepts))) {
      end(listener, accepts, error);
    }
  }

  private static boolean isOfOneConnection(int error) {
    return error < 0 && OF_ONE_CONNECTION.contains(OsError.kindOf(error));
  }

  /** Counts a failure of one connection; false if there were too many without a success between. */
  private static boolean isBearable(AcceptSockets accepts) {
    return ++accepts.failuresInARow < FAILURES_IN_A_ROW;
  }

  /** No further connection is wanted: the sockets that wait are asked to end, and the last one's packet ends the accept. */
  boolean end(IocpHandle listener, AcceptSockets accepts, int verdict) {
    accepts.ending = true;
    accepts.verdict = verdict;
    boolean any = false;
    for (int i = 0; i < accepts.count(); i++) {
      any |= parts.instance.cancel(
          listener.socket, parts.addressed.address(accepts.cell(i)));
    }
    return any;
  }

  private void endWhenNoneIsLeft(IocpHandle listener, AcceptSockets accepts) {
    if (accepts.ending && !accepts.over && accepts.count() == 0) {
      accepts.over = true;
      parts.finish(listener.taking, accepts.verdict);
    }
  }

  /** The caller's wish; false if the accept is over, or its completion is on its way. */
  boolean cancel(IocpHandle listener, AcceptSockets accepts) {
    if (accepts.ending || accepts.over) {
      return false;
    }
    boolean any = end(listener, accepts, ErrorCode.CANCELLED);
    // A repeated one still has its last completion to come, whatever its sockets do.
    return any || accepts.repeats;
  }
}
