package io.janus.connection;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.limit.Counter;
import io.janus.loop.Deadline;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One listening socket of one loop and the pace of its accepting. Out of descriptors or memory, or at the limit of
 * connections, it rests and tries again by itself; it never spins.
 */
final class Listener extends Deadline {
  /** So many without a connection between are no affair of single connections any more, such as a filter that forbids accept. */
  private static final int FAILURES_IN_A_ROW = 64;

  /** Errors of one connection that was taken off the queue: accept(2) says to treat them like "try again". */
  private static final Set<ErrorKind> OF_ONE_CONNECTION =
      EnumSet.of(
          ErrorKind.CONNECTION_ABORTED,
          ErrorKind.CONNECTION_RESET,
          ErrorKind.NOT_CONNECTED,
          ErrorKind.PROTOCOL,
          ErrorKind.PERMISSION_DENIED,
          ErrorKind.UNREACHABLE,
          ErrorKind.TIMED_OUT,
          ErrorKind.NOT_SUPPORTED,
          ErrorKind.WOULD_BLOCK,
          ErrorKind.INTERRUPTED);

  /** Of these, what says that a peer was gone before it was accepted; what to do about a connection's end is no remedy for a listener. */
  private static final Set<ErrorKind> GONE_BEFORE =
      EnumSet.of(
          ErrorKind.CONNECTION_ABORTED,
          ErrorKind.CONNECTION_RESET,
          ErrorKind.NOT_CONNECTED,
          ErrorKind.PROTOCOL,
          ErrorKind.TIMED_OUT);

  /** How soon a listener looks again whether the others have their sockets; they are handed out in a row, without a wait. */
  private static final long VERDICT_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  final ConnectionManager manager;
  final Handler handler;
  private final ListenVerdict verdict;
  private final Spread spread;

  /** The manager's name for it in pollers and ports: below zero, where connections are not. */
  final long token;

  /** As {@link Connection#handle}; none before it begins and when it has gone. */
  long handle = Connection.NO_HANDLE;

  /**
   * On readiness the poller's registration, kept from the first watch on, 0 before. On completion what the port answered to the last
   * accept: the operation, in flight only while {@link #armed}, or the error that refused it.
   */
  long accepting;

  /** An accept is in flight, or readability is watched. */
  boolean armed;

  /** The accept in flight brings one connection after the other; on completion. */
  boolean repeats;

  private boolean stopped;
  private int failuresInARow;
  private boolean resting;

  /** It rests because the loop's own table is full, in which the end of any of its connections makes room. */
  private boolean wantsAPlace;

  /** Accepted beyond the limit of connections, in order; each becomes a connection when there is room. */
  private final ArrayDeque<Long> parked = new ArrayDeque<>(1);

  Listener(
      ConnectionManager manager, Handler handler, ListenVerdict verdict, Spread spread,
      long token) {
    this.manager = manager;
    this.handler = Objects.requireNonNull(handler, "handler");
    this.verdict = Objects.requireNonNull(verdict, "verdict");
    this.spread = Objects.requireNonNull(spread, "spread");
    this.token = token;
  }

  /** True while new connections are wanted. */
  boolean wantsMore() {
    return !stopped && !resting;
  }

  /** Takes the socket over and accepts from it; false if that is not to be had, and the socket is closed. */
  boolean begin(long socket) {
    long adopted;
    try {
      adopted = manager.adopt(socket);
    } catch (Throwable e) {
      // Such as for want of a class: nobody has it, and peers would connect to it for ever and hear nothing.
      manager.sockets.closeSocket(socket);
      throw e;
    }
    if (adopted < 0) {
      // Nothing was taken, and nothing that could be tried again would bring it: the others that listen on the address get the peers.
      stopped = true;
      manager.sockets.closeSocket(socket);
      manager.counters.increment(Counter.ACCEPT_FAILURES);
      manager.loop.reporter()
          .report(
              "loop " + manager.loop.name() + " cannot listen: " + OsError.of((int) adopted), null);
      return false;
    }
    handle = adopted;
    manager.budget.listenerCame();
    start();
    return true;
  }

  private void start() {
    if (stopped) {
      return;
    }
    if (verdict.isOpen() || manager.drains.areOver()) {
      manager.loop.timers().schedule(this, manager.loop.now() + VERDICT_LOOK_NANOS);
    } else if (verdict.isRefused()) {
      stop();
    } else if (wantsMore() && !armed) {
      int error = manager.startAccepting(this);
      if (error < 0) {
        // Nothing is in flight whose end would bring the next try, so whatever kind of error it is, there is one after a rest.
        manager.counters.increment(Counter.ACCEPT_FAILURES);
        wantsAPlace = error == ErrorCode.TABLE_FULL;
        rest(why(OsError.of(error)));
      }
    }
  }

  /** A connection came; it may come after a stop or beyond the limit. */
  void accepted(long connection) {
    failuresInARow = 0;
    if (stopped) {
      refuse(connection);
    } else if (!parked.isEmpty() || !spread.open(manager, handler, connection)) {
      // One repeated accept may bring several before it has heard that it should stop.
      parked.add(connection);
      if (!resting) {
        rest(manager.budget.reached());
      }
    }
  }

  /** Accepting failed; most failures are the affair of one connection that is gone already. */
  void failed(int error) {
    if (stopped || error == ErrorCode.CANCELLED) {
      return;
    }
    manager.counters.increment(Counter.ACCEPT_FAILURES);
    failuresInARow++;
    OsError reason = OsError.of(error);
    if (!OF_ONE_CONNECTION.contains(reason.kind()) || failuresInARow >= FAILURES_IN_A_ROW) {
      failuresInARow = 0;
      wantsAPlace = error == ErrorCode.TABLE_FULL;
      rest(why(reason));
    }
  }

  private static String why(OsError reason) {
    return GONE_BEFORE.contains(reason.kind())
        ? "many connections in a row were reset before they were accepted (" + reason.name() + " "
            + reason.code()
            + "); nothing needs to be done, accepting goes on by itself after a moment; if it comes often, look for a scanner or a flood of"
            + " connects"
        : reason.toString();
  }

  /** A connection of the same loop has ended. */
  void roomAgain() {
    if ((!parked.isEmpty() || wantsAPlace) && !stopped) {
      manager.loop.timers().cancel(this);
      expired(manager.loop.now());
    }
  }

  /** No more connections; the socket is closed once the accept in flight has landed. */
  void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    manager.loop.timers().cancel(this);
    while (!parked.isEmpty()) {
      refuse(parked.remove());
    }
    if (armed) {
      manager.stopAccepting(this);
    }
    landed();
  }

  /** Nothing is in flight any more, maybe. */
  void landed() {
    if (armed) {
      return;
    }
    if (stopped && handle >= 0) {
      releaseHandle();
      manager.budget.listenerWent();
      handle = Connection.NO_HANDLE;
    } else {
      start();
    }
  }

  @Override
  protected void expired(long nowNanos) {
    while (!parked.isEmpty()) {
      // Taken out first: the handler may stop this listener.
      long first = parked.remove();
      if (!spread.open(manager, handler, first)) {
        parked.addFirst(first);
        restAgain();
        return;
      }
    }
    resting = false;
    wantsAPlace = false;
    start();
  }

  /** An accepted connection that nobody wants any more goes the way of one that was. */
  private void refuse(long connection) {
    leave(connection, 0, ConnectionState.RESET);
  }

  private void releaseHandle() {
    leave(handle, accepting, 0).attach(this);
  }

  private Connection leave(long what, long registration, int bits) {
    Connection leaving = new Connection(manager, RefusedHandler.INSTANCE, what);
    leaving.reading = registration;
    leaving.bits = ConnectionState.CANCELLING | bits;
    manager.registry.add(leaving);
    manager.unsettle(leaving);
    return leaving;
  }

  /** An accept that repeats ends, and single ones follow until there is room again. */
  void endRepeat() {
    if (repeats && armed) {
      repeats = false;
      manager.stopAccepting(this);
    }
  }

  /** Accepts nobody for a while, if it does now. */
  void restFor(String why) {
    if (wantsMore()) {
      rest(why);
    }
  }

  private void rest(String why) {
    manager.counters.increment(Counter.ACCEPT_PAUSES);
    resting = true;
    if (armed) {
      manager.stopAccepting(this);
    }
    restAgain();
    manager.ending.tellPause(why);
  }

  private void restAgain() {
    long pause = TimeUnit.MILLISECONDS.toNanos(manager.limits.acceptPauseMillis());
    manager.loop.timers().schedule(this, manager.loop.now() + pause);
  }
}
