package io.janus.readiness;

import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.readiness.afd.AfdPoller;
import io.janus.readiness.epoll.EpollPoller;
import java.util.Objects;

/**
 * Says which sockets are ready: epoll's way, as public API for people who want the familiar loop.
 *
 * <p>A poller belongs to the thread that opened it. {@link #change} and {@link #wake} are for any thread. A registration is
 * a slot and a generation ({@code slot | generation << 32}), so one that is gone can never be mistaken for a new one in the
 * same slot, and an event of it is counted and dropped.
 */
public interface Poller extends AutoCloseable {

  /** Ability: {@link Trigger#EDGE} works. */
  int EDGE = 1;

  /** Ability: descriptors other than sockets (pipes, eventfds) can be registered. */
  int ANY_DESCRIPTOR = 2;

  /** Ability: the {@link Ready#FIN} hint comes together with the last bytes. */
  int FIN_EARLY = 4;

  /** Waits without end. */
  long FOREVER = -1;

  /**
   * The native poller of this system, for the calling thread.
   *
   * @param batch most events that one await takes from the kernel, 1 to 65,536
   * @param counters counts the system calls, of the same thread
   * @throws OsException if the system refuses
   */
  static Poller open(int batch, Counters counters) throws OsException {
    Objects.requireNonNull(counters, "counters");
    if (SystemName.LINUX) {
      return EpollPoller.open(batch, counters);
    }
    if (SystemName.WINDOWS) {
      return AfdPoller.open(batch, counters);
    }
    throw new UnsupportedOperationException(
        "Janus has no poller for " + SystemName.NAME + "; use Linux or Windows");
  }

  /**
   * Registers a socket. It must be removed before it is closed.
   *
   * @param socket the process's socket; once per poller
   * @param interest bits of {@link Interest}
   * @param token given back with every event
   * @return the registration (above zero), or an error of {@link io.janus.ffi.OsError} (below zero)
   */
  long add(long socket, int interest, Trigger trigger, long token);

  /**
   * Replaces the interest of a registration, from any thread, while another thread may be waiting; arms a ONESHOT
   * registration again.
   *
   * @return 0, or {@link io.janus.ffi.ErrorCode#NOT_FOUND} if the registration is gone, or another error
   */
  int change(long registration, int interest);

  /**
   * Ends a registration.
   *
   * @return true: it is gone and the socket can be closed. False: one {@link Ready#GONE} event of its token follows; close the
   *     socket only then. A registration that is gone already answers true.
   */
  boolean remove(long registration);

  /**
   * Waits for events.
   *
   * @param out is emptied and filled
   * @param timeoutNanos 0 looks only, {@link #FOREVER} waits without end; otherwise nanoseconds, rounded up to the backend's
   *     grain (one millisecond on epoll, a tick of the system's clock on Windows)
   * @return events in the batch; 0 after a timeout or a wake
   */
  int await(Ready out, long timeoutNanos);

  /**
   * Ends the current await, or the next one if none is under way, from any thread. Several wakes before an await are one.
   */
  void wake();

  /** Bits of {@link #EDGE}, {@link #ANY_DESCRIPTOR} and {@link #FIN_EARLY}. */
  int abilities();

  /** Frees what the poller holds. Sockets stay open. */
  @Override
  void close();
}
