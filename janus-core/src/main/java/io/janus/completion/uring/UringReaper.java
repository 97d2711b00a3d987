package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.completion.Completions;
import io.janus.completion.HandleTable;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.linux.Uring;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import io.janus.socket.wake.EventfdWaker;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the kernel has ended into completions: finds the operation, gives buffers back, and decides whether the operation lives
 * on. Only the kernel's MORE decides that, never the result.
 */
final class UringReaper {
  /** ENOBUFS means here that the ring of provided buffers was empty. */
  private static final int NO_BUFFER = -105;

  /** Completions that are touched before the first of them is taken. */
  private static final int AHEAD = 16;

  private final UringLoan loan;
  private final UringInstance instance;
  private final CompletionRing ring;
  private final UringSubmitter submitter;
  private final UringUncopiedSends sends;
  private final UringDelivery delivery;
  private final UringSendReaper sendReaper;
  private final UringLater later;
  private final OperationTable operations;
  private final HandleTable<UringHandle> handles;
  private final ProvidedBuffers provided;
  private final @Nullable DirectDescriptors direct;
  private final EventfdWaker waker;
  private final Counters counters;

  /** Listeners with a repeated accept in flight. */
  private final ArrayList<UringHandle> repeatedAccepts = new ArrayList<>();

  /** Keeps the compiler from dropping the reads of {@link #touchAhead}. */
  int touched;

  private boolean wakerEnded;

  /** Stands in for a handle that is gone. */
  private final UringHandle stray = new UringHandle(NONE);

  UringReaper(
      UringParts parts,
      UringSubmitter submitter,
      UringLoan loan,
      UringUncopiedSends sends,
      UringLater later,
      OperationTable operations,
      HandleTable<UringHandle> handles,
      Counters counters) {
    this.instance = parts.instance;
    this.ring = parts.instance.completions;
    this.provided = parts.provided;
    this.direct = parts.direct;
    this.waker = parts.waker;
    this.submitter = submitter;
    this.loan = loan;
    this.sends = sends;
    this.delivery = new UringDelivery(later, operations);
    this.sendReaper = new UringSendReaper(ring, sends, later, delivery, operations, counters);
    this.later = later;
    this.operations = operations;
    this.handles = handles;
    this.counters = counters;
  }

  /** True if the operation can be asked to end; its own completion tells whether it did. */
  boolean cancel(int slot) {
    switch (operations.kind(slot)) {
      case ACCEPT, RECEIVE, CONNECT, SEND -> {
        long operation = operations.id(slot);
        UringHandle handle = handles.find(operations.handle(slot));
        UringUncopiedSend send = sends.find(slot);
        if (send != null) {
          return handle != null && sendReaper.cancel(operation, send);
        }
        if (handle == null || !handle.firstCancel(slot) || ring.holdsLast(operation)) {
          return false;
        }
        later.cancel(operation);
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  /** An accept is about to be submitted. */
  void accepts(UringHandle listener) {
    if (listener.repeats) {
      repeatedAccepts.add(listener);
    }
  }

  /** Repeated accepts in flight. */
  int repeatedAccepts() {
    return repeatedAccepts.size();
  }

  /** What has to be in the submission queue before the kernel is entered. */
  void beforeEnter() {
    if (direct != null && !repeatedAccepts.isEmpty()
        && !direct.hasPlenty(repeatedAccepts.size())) {
      // From here on one by one; the listener's owner submits again when it hears that this one has ended.
      repeatedAccepts.forEach(listener -> cancel(listener.taking));
    }
    if (direct != null) {
      direct.giveBackStray();
    }
    provided.beforeEnter();
    if (wakerEnded && instance.hasRoom()) {
      wakerEnded = false;
      submitter.watchWaker(waker.fd());
    }
    if (!later.isEmpty()) {
      later.submit();
    }
  }

  /** Takes completions until the batch is full or none is left. */
  void reap(Completions out) {
    for (int i = 0; !out.isFull() && !ring.isEmpty(); i++) {
      if (i % AHEAD == 0) {
        touchAhead();
      }
      long name = ring.userData();
      int result = ring.result();
      int flags = ring.flags();
      ring.advance();
      if (name > 0) {
        take(name, result, flags, out);
      } else if (name == UringSubmitter.WAKER) {
        waker.taken();
        wakerEnded = (flags & Uring.CQE_MORE) == 0;
      } else if (UringInstance.isImmediate(name)) {
        cameLate(instance.cameLate(name), result);
      }
    }
    ring.publish();
  }

  private void cameLate(int opcode, int result) {
    if (opcode == Uring.OP_FIXED_FD_INSTALL) {
      loan.cameLate(result);
    } else if (opcode == Uring.OP_FILES_UPDATE && direct != null) {
      direct.cameLate(result);
    }
  }

  /**
   * Reads something of everything that the next completions will need. After the kernel's work each is a cache miss; read in a row
   * with nothing between them they overlap.
   */
  private void touchAhead() {
    int count = Math.min(AHEAD, ring.count());
    int sum = 0;
    for (int i = 0; i < count; i++) {
      int slot = operations.find(ring.userData(i));
      UringHandle handle = slot == NONE ? null : handles.find(operations.handle(slot));
      int flags = ring.flags(i);
      sum += handle == null ? 0 : handle.inFlight;
      sum += (flags & Uring.CQE_BUFFER) == 0 ? 0 : provided.touch(flags);
    }
    touched = sum;
  }

  private void take(long operation, int told, int flags, Completions out) {
    int slot = operations.find(operation);
    if (slot == NONE) {
      counters.increment(Counter.STALE_EVENTS);
      if ((flags & Uring.CQE_BUFFER) != 0) {
        provided.take(flags).release();
      }
      return;
    }
    UringHandle handle = handles.find(operations.handle(slot));
    if (handle == null) {
      // Whatever became of the handle, somebody waits for this end and for the buffers that it brings back.
      counters.increment(Counter.STALE_EVENTS);
      stray.begin(-1, false);
      handle = stray;
    }
    boolean more = (flags & Uring.CQE_MORE) != 0;
    int result = fromWorker(operations.kind(slot), told);
    switch (operations.kind(slot)) {
      case ACCEPT -> accepted(handle, slot, result, more, out);
      case RECEIVE -> received(handle, slot, result, flags, out);
      case CLOSE -> {
        if (handle.direct && direct != null) {
          direct.given();
        }
        if (handle != stray) {
          handles.give(handle);
        }
        delivery.put(slot, result, false, operations.handle(slot), null, null, out);
      }
      case OPTION, SHUTDOWN -> delivery.ended(handle, slot, later.takeKnown(slot, result), out);
      case CONNECT ->
          // A connect to a path ends so: unix(7) has no connect in progress, and the listener's backlog is full. Over TCP nothing does.
          delivery.ended(handle, slot,
              result == ErrorCode.WOULD_BLOCK ? ErrorCode.BACKLOG_FULL : result, out);
      case SEND -> sendReaper.take(handle, slot, result, flags, out);
      case POST -> throw new AssertionError("a post is no operation of the kernel");
    }
  }

  private void accepted(
      UringHandle listener, int slot, int result, boolean more, Completions out) {
    boolean foundNobody = !more && result == ErrorCode.WOULD_BLOCK;
    if (foundNobody && listener.goesAgain(slot) && mayRepeat(listener)) {
      // Somebody else takes from the same listener, and was quicker again and again.
      counters.increment(Counter.WOULD_BLOCKS);
      later.again(slot);
      return;
    }
    long handle = operations.handle(slot);
    Address peer = null;
    if (result >= 0) {
      UringHandle accepted = handles.take();
      accepted.begin(result, direct != null);
      handle = accepted.id();
      peer = listener.withPeer ? loan.peer(accepted) : null;
    }
    int told = foundNobody ? ErrorCode.CANCELLED : result;
    if (direct != null) {
      told = direct.verdict(told);
      countAccept(direct, listener, result);
    }
    if (!more) {
      listener.took();
      repeatedAccepts.remove(listener);
    }
    delivery.put(slot, Math.min(0, told), more, handle, null, peer, out);
  }

  /** A repeated accept must not overrun the table; its owner submits again when it hears that this one has ended. */
  private boolean mayRepeat(UringHandle listener) {
    return !listener.repeats || direct == null || direct.hasPlenty(repeatedAccepts.size());
  }

  private static void countAccept(DirectDescriptors table, UringHandle listener, int result) {
    if (result >= 0) {
      table.taken();
    }
    if (!listener.repeats) {
      table.fulfil();
    }
  }

  private void received(
      UringHandle handle, int slot, int result, int flags, Completions out) {
    boolean more = (flags & Uring.CQE_MORE) != 0;
    int told = result;
    Buffer own = operations.buffer(slot);
    if (!more && hasFoundNothing(own, result, flags)) {
      if (handle.goesAgain(slot)) {
        if (result == ErrorCode.WOULD_BLOCK) {
          counters.increment(Counter.WOULD_BLOCKS);
        }
        if ((flags & Uring.CQE_BUFFER) != 0) {
          // A worker of the kernel has waited with it in its hand.
          provided.take(flags).release();
        }
        handle.holdsMore = false;
        handle.broughtBytes = false;
        later.again(slot);
        return;
      }
      // The cancel has met an operation that was over for the kernel, so nothing else would ever end it.
      told = ErrorCode.CANCELLED;
    }
    Buffer buffer = own;
    if (own != null) {
      Custody.giveBack(own);
    } else if ((flags & Uring.CQE_BUFFER) != 0) {
      buffer = provided.take(flags);
    }
    if (result == 0 && handle.hasMetAnError()) {
      // A socket tells its error once, and the uncopied send that has met it is not told before the kernel lets its bytes go.
      told = handle.sendError;
    }
    handle.holdsMore = (flags & Uring.CQE_SOCK_NONEMPTY) != 0;
    handle.broughtBytes = result > 0;
    if (buffer != null) {
      if (result > 0) {
        Custody.received(buffer, result);
      } else if (own == null) {
        buffer.release();
        buffer = null;
      }
    }
    if (!more) {
      handle.took();
    }
    delivery.put(slot, told, more, operations.handle(slot), buffer, null, out);
  }

  /**
   * True if a receive has ended for the kernel and not for us: no buffer was left, or the socket was told to be readable, again and
   * again, and had nothing.
   */
  private boolean hasFoundNothing(@Nullable Buffer own, int result, int flags) {
    if (result == ErrorCode.WOULD_BLOCK) {
      return true;
    }
    return result == NO_BUFFER && own == null && (flags & Uring.CQE_BUFFER) == 0
        && provided.ranDry();
  }

  /**
   * What an operation has ended with, if a worker of the kernel has waited inside it: a cancel calls that off by EINTR, and what has not
   * happened can be done again unless its end was wished. A connect is given to one only for want of memory, and is not awaited there.
   */
  private static int fromWorker(Operation kind, int result) {
    return switch (kind) {
      case ACCEPT, RECEIVE, SEND ->
          result == ErrorCode.INTERRUPTED ? ErrorCode.WOULD_BLOCK : result;
      case CONNECT -> result == ErrorCode.INTERRUPTED ? ErrorCode.CANCELLED
          : result == ErrorCode.IN_PROGRESS ? ErrorCode.NO_MEMORY
          : result;
      case CLOSE, OPTION, SHUTDOWN, POST -> result;
    };
  }

  /** Ends an operation, if it is still in flight, whose completion does not come any more. */
  void lose(long operation, Completions out) {
    int slot = operations.find(operation);
    if (slot != NONE) {
      sendReaper.lose(slot);
      take(operation, ErrorCode.CANCELLED, 0, out);
    }
  }

  /** What ends from now on has no taker: the buffers behind the first of a gathered send are released here. */
  void beginEnding() {
    delivery.beginEnding();
  }
}
