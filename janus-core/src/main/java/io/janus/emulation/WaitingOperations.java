package io.janus.emulation;

import static io.janus.completion.OperationTable.NONE;

import io.janus.completion.DoneQueue;
import io.janus.completion.HandleTable;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a polling port that wait for readiness: tried at their start, armed with the poller if they would block,
 * tried again when their socket is ready, and put into the queue of done ones when they end.
 */
final class WaitingOperations {
  /**
   * Ready sockets tried by one poll. Few, so that the objects of a connection are still in the cache when its completion is
   * dispatched: the kernel's work for a hundred sockets would have driven them out.
   */
  private static final int TRIES_PER_POLL = 16;

  /** How often in a row the end waits in vain for a poller that lets sockets go only by an event, and how long. */
  private static final int CLOSE_WAITS = 2_000;

  private static final long CLOSE_WAIT_NANOS = 1_000_000;

  private final Poller poller;
  private final Sockets sockets;
  private final Counters counters;
  private final boolean tryFirst;
  private final int acceptsPerTurn;

  /** Results in the queue from which on a repeated accept brings no more: it alone can add to them without a new submit. */
  private final int mostWaiting;

  private final Ready ready;
  private final OperationTable operations;
  private final Attempt attempt;
  private final HandleTable<PollingHandle> handles;
  private final DoneQueue done;
  private int leaving;

  /** The first event of the poller's last batch that has not been looked at. */
  private int next;

  private final @Nullable PollingHandle[] touched = new PollingHandle[TRIES_PER_POLL];
  int sumOfTouched;

  WaitingOperations(
      Poller poller,
      Sockets sockets,
      Counters counters,
      boolean tryFirst,
      Limits limits,
      OperationTable operations,
      Attempt attempt,
      HandleTable<PollingHandle> handles,
      DoneQueue done) {
    this.poller = Objects.requireNonNull(poller, "poller");
    this.sockets = Objects.requireNonNull(sockets, "sockets");
    this.counters = Objects.requireNonNull(counters, "counters");
    this.tryFirst = tryFirst;
    this.acceptsPerTurn = limits.acceptsPerTurn();
    this.mostWaiting = limits.batchEvents();
    this.ready = new Ready(limits.batchEvents());
    this.operations = operations;
    this.attempt = attempt;
    this.handles = handles;
    this.done = done;
  }

  /** Begins an accept or receive. */
  void startTaking(PollingHandle handle, int slot) {
    if (!tryFirst || handle.drained || !tryTaking(handle, slot, false)) {
      handle.taking = slot;
      arm(handle, Interest.READ);
    }
  }

  /** Begins a connect. */
  void startConnect(PollingHandle handle, int slot, Address peer) {
    int result = sockets.connect(handle.socket, peer);
    if (result == ErrorCode.IN_PROGRESS) {
      handle.giving = slot;
      arm(handle, Interest.WRITE);
    } else {
      finish(slot, result);
    }
  }

  /** Begins a send. */
  void startSend(PollingHandle handle, int slot) {
    int result = tryFirst ? attempt.send(slot, handle) : ErrorCode.WOULD_BLOCK;
    if (result == ErrorCode.WOULD_BLOCK) {
      handle.giving = slot;
      arm(handle, Interest.WRITE);
    } else {
      finish(slot, result);
    }
  }

  /** Sends FIN, behind the connect or send that waits. */
  void startShutdown(PollingHandle handle, int slot) {
    if (handle.giving == NONE) {
      finish(slot, sockets.shutdownOutput(handle.socket));
    } else {
      handle.shutting = slot;
    }
  }

  /** Takes a waiting operation off its socket; false if it does not wait any more. */
  boolean cancel(PollingHandle handle, int slot) {
    if (handle.taking == slot) {
      endTaking(handle, ErrorCode.CANCELLED);
    } else if (handle.giving == slot) {
      endGiving(handle, ErrorCode.CANCELLED);
    } else {
      return false;
    }
    return true;
  }

  /** Closes a socket without operations, now or when the poller has let it go. */
  void startClose(PollingHandle handle, int slot) {
    if (handle.registration == PollingHandle.NOT_REGISTERED
        || poller.remove(handle.registration)) {
      finishClose(handle, slot);
    } else {
      handle.closing = slot;
    }
  }

  /** Closes a socket whatever waits on it, as the port itself is closed; now or when the poller has let it go. */
  void closeNow(PollingHandle handle) {
    endWaiting(handle, ErrorCode.CANCELLED);
    if (handle.closing != NONE) {
      leaving++;
    } else if (handle.registration == PollingHandle.NOT_REGISTERED
        || poller.remove(handle.registration)) {
      sockets.closeSocket(handle.socket);
      handles.give(handle);
    } else {
      leaving++;
    }
  }

  /** Waits until the poller has let the sockets of {@link #closeNow} go, and returns how many it has not for all that. */
  int awaitLeaving() {
    for (int vain = 0; vain < CLOSE_WAITS && leaving > 0; vain++) {
      int before = leaving;
      poll(CLOSE_WAIT_NANOS);
      vain = leaving < before ? 0 : vain;
    }
    return leaving;
  }

  /** Puts an ended operation into the queue. */
  void finish(int slot, int result) {
    done.add(slot, result, operations.handle(slot), null, false);
  }

  /** True if sockets of the poller's last batch have not been tried yet. */
  boolean hasUntried() {
    return next < ready.count();
  }

  /** Waits for readiness, unless sockets of the last batch are left to try. */
  void poll(long timeoutNanos) {
    if (!hasUntried()) {
      next = 0;
      poller.await(ready, timeoutNanos);
    }
    tryReady();
  }

  /** Tries the next few sockets of the poller's last batch. */
  void tryReady() {
    int end = Math.min(ready.count(), next + TRIES_PER_POLL);
    touch(end);
    while (next < end) {
      int i = next++;
      PollingHandle handle = handles.find(ready.token(i));
      if (handle == null) {
        counters.increment(Counter.STALE_EVENTS);
      } else {
        becameReady(handle, ready.bits(i));
      }
    }
  }

  /**
   * Reads one field of everything that the tries are about to need. After the kernel's work each is a cache miss of its own; read
   * in a row with nothing between them they overlap, where one by one each would be waited for.
   */
  private void touch(int end) {
    int sum = 0;
    for (int i = next; i < end; i++) {
      PollingHandle handle = handles.find(ready.token(i));
      touched[i - next] = handle;
      sum += handle == null ? 0 : handle.taking;
    }
    for (int i = 0; i < end - next; i++) {
      PollingHandle handle = touched[i];
      if (handle != null && handle.taking != NONE) {
        sum += operations.kind(handle.taking).ordinal();
      }
    }
    sumOfTouched = sum;
  }

  private void becameReady(PollingHandle handle, int bits) {
    if ((bits & Ready.GONE) != 0) {
      leaving = Math.max(0, leaving - 1);
      finishClose(handle, handle.closing);
      return;
    }
    int unwanted = handle.interest & bits;
    if ((bits & Ready.READ) != 0) {
      if (handle.taking == NONE) {
        handle.drained = false;
      } else {
        unwanted &= ~Interest.READ;
        retryTaking(handle);
      }
      if ((bits & (Ready.FIN | Ready.ERROR)) != 0) {
        // The end waits behind the last bytes; the next receive finds it at once.
        handle.drained = false;
      }
    }
    if ((bits & Ready.WRITE) != 0 && handle.giving != NONE) {
      unwanted &= ~Interest.WRITE;
      retryGiving(handle);
    }
    if (unwanted != 0) {
      // Nobody waits for this any more. Taken back only now, so that a receive after each receive costs no call at all.
      handle.interest = (byte) (handle.interest & ~unwanted);
      poller.change(handle.registration, handle.interest);
    }
  }

  private void retryTaking(PollingHandle handle) {
    if (tryTaking(handle, handle.taking, true)) {
      handle.taking = NONE;
    }
  }

  /** True if the accept or receive ended. */
  private boolean tryTaking(PollingHandle handle, int slot, boolean bytesExist) {
    if (operations.kind(slot) == Operation.RECEIVE) {
      int result = attempt.receive(slot, handle);
      if (result == ErrorCode.WOULD_BLOCK || (result == ErrorCode.NO_BUFFER && !bytesExist)) {
        // Without a buffer it cannot be told whether bytes exist, and an idle receive needs none.
        return false;
      }
      finish(slot, result);
      return true;
    }
    return tryAccept(handle, slot);
  }

  /**
   * True if the accept ended. A repeated one brings what waits, up to the limit and as long as there is room for results, and goes on;
   * its error ends it, so that whoever accepts decides whether and when it is worth another try.
   */
  private boolean tryAccept(PollingHandle handle, int slot) {
    int most = handle.repeats ? acceptsPerTurn : 1;
    for (int i = 0; i < most; i++) {
      if (handle.repeats && done.size() >= mostWaiting) {
        // The poller tells again of what is left in the backlog.
        return false;
      }
      long socket = attempt.accept(handle);
      if (socket == ErrorCode.WOULD_BLOCK) {
        return false;
      }
      if (socket < 0) {
        finish(slot, (int) socket);
        return true;
      }
      Address peer = handle.withPeer ? attempt.peer(socket) : null;
      PollingHandle taken = handles.take();
      taken.begin(socket);
      done.add(slot, 0, taken.id(), peer, handle.repeats);
    }
    return !handle.repeats;
  }

  private void retryGiving(PollingHandle handle) {
    int slot = handle.giving;
    int result =
        operations.kind(slot) == Operation.CONNECT
            ? sockets.connectResult(handle.socket)
            : attempt.send(slot, handle);
    if (result != ErrorCode.WOULD_BLOCK) {
      endGiving(handle, result);
    }
  }

  private void arm(PollingHandle handle, int bit) {
    int wanted = handle.interest | bit;
    if (wanted == handle.interest) {
      return;
    }
    handle.interest = (byte) wanted;
    long result;
    if (handle.registration == PollingHandle.NOT_REGISTERED) {
      result = poller.add(handle.socket, wanted, Trigger.LEVEL, handle.id());
      handle.registration = Math.max(PollingHandle.NOT_REGISTERED, result);
    } else {
      result = poller.change(handle.registration, wanted);
    }
    if (result < 0) {
      // Without the poller nothing would ever end the operations that wait, so its error ends them.
      handle.interest = 0;
      endWaiting(handle, (int) result);
    }
  }

  private void endWaiting(PollingHandle handle, int error) {
    if (handle.taking != NONE) {
      endTaking(handle, error);
    }
    if (handle.giving != NONE) {
      endGiving(handle, error);
    }
  }

  private void endTaking(PollingHandle handle, int result) {
    int slot = handle.taking;
    handle.taking = NONE;
    finish(slot, result);
  }

  /** And what waits for it: a FIN. */
  private void endGiving(PollingHandle handle, int result) {
    int slot = handle.giving;
    handle.giving = NONE;
    finish(slot, result);
    if (handle.shutting != NONE) {
      int behind = handle.shutting;
      handle.shutting = NONE;
      startShutdown(handle, behind);
    }
  }

  private void finishClose(PollingHandle handle, int slot) {
    int result = sockets.closeSocket(handle.socket);
    if (slot != NONE) {
      finish(slot, result);
    }
    handles.give(handle);
  }
}
