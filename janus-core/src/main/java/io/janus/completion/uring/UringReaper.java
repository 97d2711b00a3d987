package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.completion.Completions;
import io.janus.completion.HandleTable;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.linux.EventfdWaker;
import io.janus.ffi.linux.Uring;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the kernel has ended into completions: finds the operation, gives buffers back, and decides whether the operation lives
 * on. Only the kernel's MORE decides that, never the result.
 */
final class UringReaper {
  /** ENOBUFS means here that the ring of provided buffers was empty. */
  private static final int NO_BUFFER = -105;

  private static final int FULL_TABLE = -23;

  /** Completions that are touched before the first of them is taken. */
  private static final int AHEAD = 16;

  private final UringLoan loan;
  private final UringInstance instance;
  private final CompletionRing ring;
  private final UringSubmitter submitter;
  private final OperationTable operations;
  private final HandleTable<UringHandle> handles;
  private final ProvidedBuffers provided;
  private final @Nullable DirectDescriptors direct;
  private final EventfdWaker waker;
  private final Counters counters;

  /** Results of operations that were done at their submit, by slot. */
  private final Map<Integer, Integer> known = new HashMap<>();

  /** Cancels that found the submission queue full and the kernel without memory. */
  private final ArrayDeque<Long> lateCancels = new ArrayDeque<>();

  /** Listeners with a repeated accept in flight. */
  private final ArrayList<UringHandle> repeatedAccepts = new ArrayList<>();

  private int repeatedBytes;

  /** Keeps the compiler from dropping the reads of {@link #touchAhead}. */
  int touched;

  private boolean wakerEnded;

  /** Stands in for a handle that is gone. */
  private final UringHandle stray = new UringHandle(NONE);

  private boolean ending;

  UringReaper(
      UringLoan loan,
      UringInstance instance,
      UringSubmitter submitter,
      OperationTable operations,
      HandleTable<UringHandle> handles,
      ProvidedBuffers provided,
      @Nullable DirectDescriptors direct,
      EventfdWaker waker,
      Counters counters) {
    this.loan = loan;
    this.instance = instance;
    this.ring = instance.completions;
    this.submitter = submitter;
    this.operations = operations;
    this.handles = handles;
    this.provided = provided;
    this.repeatedBytes = 2 * provided.bufferBytes();
    this.direct = direct;
    this.waker = waker;
    this.counters = counters;
  }

  /** Submits an operation whose result is known already; its completion comes like all others. */
  void known(int slot, int result) {
    known.put(slot, result);
    submitter.nothing(operations.id(slot));
  }

  /** True if the operation can be asked to end; its own completion tells whether it did. */
  boolean cancel(int slot) {
    switch (operations.kind(slot)) {
      case ACCEPT, RECEIVE, CONNECT, SEND -> {
        long operation = operations.id(slot);
        UringHandle handle = handles.find(operations.handle(slot));
        if (handle == null || !handle.firstCancel(slot) || ring.holdsLast(operation)) {
          return false;
        }
        if (known.containsKey(slot)) {
          // Sent, and waiting for a peer that may never read: only the end of the socket makes the kernel let go.
          loan.disconnect(handle);
        } else if (instance.hasRoom()) {
          submitter.cancel(operation);
        } else {
          lateCancels.add(operation);
        }
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
    provided.refill();
    if (wakerEnded && instance.hasRoom()) {
      wakerEnded = false;
      submitter.watchWaker(waker.fd());
    }
    while (!lateCancels.isEmpty() && instance.hasRoom()) {
      submitter.cancel(lateCancels.remove());
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
      }
    }
    ring.publish();
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

  private void take(long operation, int result, int flags, Completions out) {
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
        put(slot, result, false, operations.handle(slot), null, null, out);
      }
      case OPTION, SHUTDOWN -> {
        Integer early = known.remove(slot);
        ended(handle, slot, early == null ? result : early, out);
      }
      case CONNECT -> ended(handle, slot, result, out);
      case SEND -> sent(handle, slot, result, flags, out);
      case POST -> throw new AssertionError("a post is no operation of the kernel");
    }
  }

  private void accepted(
      UringHandle listener, int slot, int result, boolean more, Completions out) {
    long handle = operations.handle(slot);
    Address peer = null;
    if (result >= 0) {
      UringHandle accepted = handles.take();
      accepted.begin(result, direct != null);
      handle = accepted.id();
      peer = listener.withPeer ? loan.peer(accepted) : null;
    }
    if (direct != null) {
      countAccept(direct, listener, result);
    }
    if (!more) {
      listener.took();
      repeatedAccepts.remove(listener);
    }
    int told = result == FULL_TABLE && direct != null ? ErrorCode.OUT_OF_DESCRIPTORS : result;
    put(slot, Math.min(0, told), more, handle, null, peer, out);
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
    Buffer buffer = own;
    if (own != null) {
      Custody.giveBack(own);
    } else if ((flags & Uring.CQE_BUFFER) != 0) {
      buffer = provided.take(flags);
    } else if (again(handle, result)) {
      if (handle.isCancelled(slot)) {
        // The cancel has met an operation that was over for the kernel, so nothing else would ever end it.
        told = ErrorCode.CANCELLED;
      } else if (instance.hasRoom()) {
        submitter.receive(handle, operations.id(slot), repeatedBytes);
        return;
      }
    }
    handle.holdsMore = (flags & Uring.CQE_SOCK_NONEMPTY) != 0;
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
    put(slot, told, more, operations.handle(slot), buffer, null, out);
  }

  /** True if a receive ended for a reason of this ring's own, of which nobody needs to know. The bytes are still in the socket. */
  private boolean again(UringHandle handle, int result) {
    if (result == ErrorCode.INVALID && handle.bounded) {
      // Kernels before 6.17 know no bound of bytes. Several receives may have asked for it before the first is refused.
      handle.bounded = false;
      repeatedBytes = 0;
      return true;
    }
    handle.holdsMore = false;
    return result == NO_BUFFER && provided.refill();
  }

  /** Bytes after which a repeated receive ends by itself, so that a pause is not overrun by much; 0 where there is no bound. */
  int repeatedBytes() {
    return repeatedBytes;
  }

  /** A send that was not copied ends twice: first its result comes, then the word that the kernel has let the bytes go. */
  private void sent(UringHandle handle, int slot, int result, int flags, Completions out) {
    if ((flags & Uring.CQE_MORE) != 0) {
      known.put(slot, result);
      if (handle.isCancelled(slot)) {
        // The cancel came too late for the send and too early for the disconnect, so it is made good here.
        loan.disconnect(handle);
      }
      return;
    }
    Integer early = (flags & Uring.CQE_NOTIF) != 0 ? known.remove(slot) : null;
    ended(handle, slot, early == null ? result : early, out);
  }

  private void ended(UringHandle handle, int slot, int result, Completions out) {
    Buffer buffer = operations.buffer(slot);
    Operation kind = operations.kind(slot);
    int count = operations.gatherCount(slot);
    if (count > 0) {
      Custody.giveBackAll(operations.gather(slot), count);
      Custody.sent(operations.gather(slot), count, result);
      for (int i = 1; ending && i < count; i++) {
        operations.gather(slot)[i].release();
      }
    } else if (buffer != null) {
      Custody.giveBack(buffer);
      if (kind == Operation.SEND && result > 0) {
        Custody.sent(buffer, result);
      }
    }
    if (kind == Operation.SEND || kind == Operation.CONNECT) {
      handle.gave();
    }
    handle.inFlight--;
    put(slot, result, false, operations.handle(slot), buffer, null, out);
  }

  private void put(int slot, int result, boolean more, long handle, @Nullable Buffer buffer,
      @Nullable Address peer, Completions out) {
    out.put(
        operations.kind(slot), operations.token(slot), result, more, handle, buffer, peer);
    if (!more) {
      operations.release(slot);
    }
  }

  /** What ends from now on has no taker: the buffers behind the first of a gathered send are released here. */
  void beginEnding() {
    ending = true;
  }
}
