package io.janus.emulation;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.completion.PostQueue;
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
import org.jspecify.annotations.Nullable;

/**
 * The completion face made from readiness: an operation is tried at once, and if it would block it waits for the poller and
 * is tried again inside await. A result that is there at once waits in a queue for the next await, so nothing ever calls back
 * from inside a submit.
 */
public final class PollingPort implements CompletionPort {
  private final Thread owner = Thread.currentThread();
  private final Poller poller;
  private final Sockets sockets;
  private final boolean tryFirst;
  private final Counters counters;
  private final Ready ready;
  private final OperationTable operations;
  private final Attempt attempt;
  private final HandleTable handles = new HandleTable();
  private final DoneQueue done = new DoneQueue();
  private final PostQueue posts;
  private boolean polledLast;
  private boolean closed;

  /**
   * Opens a port for the calling thread. It closes the poller with itself; the verbs and the pool stay the caller's.
   *
   * @param tryFirst true: every operation is tried before it waits; false: it waits for readiness first, as a plain epoll
   *     program would do
   */
  public PollingPort(
      Poller poller,
      Sockets sockets,
      BufferPool pool,
      Limits limits,
      Counters counters,
      boolean tryFirst) {
    this.poller = poller;
    this.sockets = sockets;
    this.tryFirst = tryFirst;
    this.counters = counters;
    this.ready = new Ready(limits.batchEvents());
    this.operations = new OperationTable(limits.operations());
    this.attempt = new Attempt(sockets, pool, operations);
    this.posts = new PostQueue(limits.mailboxTasks());
  }

  @Override
  public long adopt(long socket) {
    checkOwner();
    return handles.take(socket).id();
  }

  @Override
  public long socket(long handle) {
    PollingHandle found = handles.find(handle);
    return found == null ? -1 : found.socket;
  }

  @Override
  public long accept(long listener, int flags, long token) {
    PollingHandle handle = handles.find(listener);
    if (handle == null || handle.taking != NONE || operations.isFull()) {
      return refusal(handle);
    }
    handle.withPeer = (flags & WITH_PEER) != 0;
    return startTaking(handle, Operation.ACCEPT, token, null);
  }

  @Override
  public long receive(long on, int flags, long token) {
    PollingHandle handle = handles.find(on);
    if (handle == null || handle.taking != NONE || operations.isFull()) {
      return refusal(handle);
    }
    return startTaking(handle, Operation.RECEIVE, token, null);
  }

  @Override
  public long receive(long on, Buffer into, long token) {
    if (into.writable() == 0) {
      throw new IllegalArgumentException(
          "the buffer of a receive has no writable room; clear it or raise its limit first");
    }
    PollingHandle handle = handles.find(on);
    if (handle == null || handle.taking != NONE || operations.isFull()) {
      return refusal(handle);
    }
    Custody.give(into, Custody.RECEIVE);
    return startTaking(handle, Operation.RECEIVE, token, into);
  }

  @Override
  public long connect(long on, Address peer, long token) {
    PollingHandle handle = handles.find(on);
    if (handle == null || handle.giving != NONE || operations.isFull()) {
      return refusal(handle);
    }
    int slot = take(handle, Operation.CONNECT, token, null);
    long operation = operations.id(slot);
    int result = sockets.connect(handle.socket, peer);
    if (result == ErrorCode.IN_PROGRESS) {
      handle.giving = slot;
      arm(handle, Interest.WRITE);
    } else {
      finish(slot, result);
    }
    return operation;
  }

  @Override
  public long send(long on, Buffer from, long token) {
    PollingHandle handle = handles.find(on);
    if (handle == null || handle.giving != NONE || operations.isFull()) {
      return refusal(handle);
    }
    Custody.give(from, Custody.SEND);
    return startSend(handle, take(handle, Operation.SEND, token, from));
  }

  @Override
  public long sendAll(long on, Buffer[] from, int count, long token) {
    if (count < 1 || count > Sockets.MAX_GATHER || count > from.length) {
      throw new IllegalArgumentException(
          "a gathered send takes 1 to " + Sockets.MAX_GATHER + " buffers, not " + count);
    }
    PollingHandle handle = handles.find(on);
    if (handle == null || handle.giving != NONE || operations.isFull()) {
      return refusal(handle);
    }
    Custody.giveAll(from, count, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from[0]);
    operations.gather(slot, from, count);
    return startSend(handle, slot);
  }

  @Override
  public long option(long on, int level, int name, Buffer value, long token) {
    PollingHandle handle = handles.find(on);
    if (handle == null || operations.isFull()) {
      return refusal(handle);
    }
    Custody.give(value, Custody.OPTION);
    int slot = take(handle, Operation.OPTION, token, value);
    return finish(slot, sockets.setOption(handle.socket, level, name, value));
  }

  @Override
  public long shutdownOutput(long on, long token) {
    PollingHandle handle = handles.find(on);
    if (handle == null || operations.isFull()) {
      return refusal(handle);
    }
    int slot = take(handle, Operation.SHUTDOWN, token, null);
    return finish(slot, sockets.shutdownOutput(handle.socket));
  }

  @Override
  public long close(long on, long token) {
    PollingHandle handle = handles.find(on);
    if (handle == null || operations.isFull()) {
      return refusal(handle);
    }
    if (handle.inFlight > 0) {
      throw new IllegalStateException(
          "cannot close a handle with "
              + handle.inFlight
              + " operations in flight; cancel them and take their completions first");
    }
    int slot = take(handle, Operation.CLOSE, token, null);
    long operation = operations.id(slot);
    if (deregister(handle)) {
      finishClose(handle, slot);
    } else {
      handle.closing = slot;
    }
    return operation;
  }

  @Override
  public boolean cancel(long operation) {
    checkOwner();
    int slot = operations.find(operation);
    PollingHandle handle = slot == NONE ? null : handles.find(operations.handle(slot));
    if (handle == null) {
      return false;
    }
    if (handle.taking == slot) {
      handle.taking = NONE;
    } else if (handle.giving == slot) {
      handle.giving = NONE;
    } else {
      return false;
    }
    finish(slot, ErrorCode.CANCELLED);
    return true;
  }

  @Override
  public int await(Completions out, long timeoutNanos) {
    checkOwner();
    out.clear();
    if (!posts.isEmpty()) {
      posts.drainTo(out);
    }
    boolean waiting = out.count() > 0 || !done.isEmpty();
    // Results that wait go out without a system call, but never twice in a row: readiness must not starve.
    polledLast = !waiting || !polledLast;
    if (polledLast) {
      poll(waiting ? 0 : timeoutNanos);
      if (!posts.isEmpty()) {
        posts.drainTo(out);
      }
    }
    while (!done.isEmpty() && !out.isFull()) {
      deliver(out);
    }
    return out.count();
  }

  @Override
  public boolean post(long token, int value) {
    boolean taken = posts.offer(token, value);
    if (taken) {
      poller.wake();
    }
    return taken;
  }

  @Override
  public void wake() {
    poller.wake();
  }

  @Override
  public int abilities() {
    return 0;
  }

  @Override
  public int inFlight() {
    return operations.inFlight();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    checkOwner();
    closed = true;
    for (PollingHandle handle : handles.all()) {
      if (handle.open) {
        closeNow(handle);
      }
    }
    Completions lost = new Completions(64);
    while (!done.isEmpty()) {
      lost.clear();
      while (!done.isEmpty() && !lost.isFull()) {
        releaseBuffers(done.slot());
        deliver(lost);
      }
    }
    poller.close();
  }

  private long startTaking(
      PollingHandle handle, Operation kind, long token, @Nullable Buffer into) {
    int slot = take(handle, kind, token, into);
    long operation = operations.id(slot);
    if (!tryFirst || handle.drained || !tryTaking(handle, slot)) {
      handle.taking = slot;
      arm(handle, Interest.READ);
    }
    return operation;
  }

  private long startSend(PollingHandle handle, int slot) {
    long operation = operations.id(slot);
    int result = tryFirst ? attempt.send(slot, handle) : ErrorCode.WOULD_BLOCK;
    if (result == ErrorCode.WOULD_BLOCK) {
      handle.giving = slot;
      arm(handle, Interest.WRITE);
    } else {
      finish(slot, result);
    }
    return operation;
  }

  /** True if the accept or receive ended. */
  private boolean tryTaking(PollingHandle handle, int slot) {
    if (operations.kind(slot) == Operation.RECEIVE) {
      int result = attempt.receive(slot, handle);
      if (result == ErrorCode.WOULD_BLOCK) {
        return false;
      }
      finish(slot, result);
      return true;
    }
    long socket = attempt.accept(handle);
    if (socket == ErrorCode.WOULD_BLOCK) {
      return false;
    }
    if (socket < 0) {
      finish(slot, (int) socket);
    } else {
      Address peer = handle.withPeer ? attempt.peer(socket) : null;
      done.add(slot, 0, handles.take(socket).id(), peer);
    }
    return true;
  }

  private void tryGiving(PollingHandle handle) {
    int slot = handle.giving;
    int result =
        operations.kind(slot) == Operation.CONNECT
            ? attempt.connectResult(handle)
            : attempt.send(slot, handle);
    if (result != ErrorCode.WOULD_BLOCK) {
      handle.giving = NONE;
      finish(slot, result);
    }
  }

  private void poll(long timeoutNanos) {
    int count = poller.await(ready, timeoutNanos);
    for (int i = 0; i < count; i++) {
      PollingHandle handle = handles.find(ready.token(i));
      if (handle == null) {
        counters.increment(Counter.STALE_EVENTS);
      } else {
        becameReady(handle, ready.bits(i));
      }
    }
  }

  private void becameReady(PollingHandle handle, int bits) {
    if ((bits & Ready.GONE) != 0) {
      finishClose(handle, handle.closing);
      return;
    }
    int unwanted = handle.interest & bits;
    if ((bits & Ready.READ) != 0 && handle.taking != NONE) {
      unwanted &= ~Interest.READ;
      int slot = handle.taking;
      if (tryTaking(handle, slot)) {
        handle.taking = NONE;
      }
    } else if ((bits & Ready.READ) != 0) {
      handle.drained = false;
    }
    if ((bits & Ready.WRITE) != 0 && handle.giving != NONE) {
      unwanted &= ~Interest.WRITE;
      tryGiving(handle);
    }
    if ((bits & Ready.READ) != 0 && (bits & (Ready.FIN | Ready.ERROR)) != 0) {
      // The end waits behind the last bytes; the next receive finds it at once.
      handle.drained = false;
    }
    if (unwanted != 0) {
      // Nobody waits for this any more. Taken back only now, so that a receive after each receive costs no call at all.
      handle.interest &= ~unwanted;
      poller.change(handle.registration, handle.interest);
    }
  }

  private void arm(PollingHandle handle, int bit) {
    int wanted = handle.interest | bit;
    if (wanted == handle.interest) {
      return;
    }
    handle.interest = wanted;
    if (handle.registration != PollingHandle.NOT_REGISTERED) {
      failWaiting(handle, poller.change(handle.registration, wanted));
      return;
    }
    long registration = poller.add(handle.socket, wanted, Trigger.LEVEL, handle.id());
    if (registration > 0) {
      handle.registration = registration;
    } else {
      failWaiting(handle, (int) registration);
    }
  }

  /** Without the poller nothing would ever end the operations that wait, so its error ends them. */
  private void failWaiting(PollingHandle handle, int error) {
    if (error >= 0) {
      return;
    }
    handle.interest = 0;
    endWaiting(handle, error);
  }

  private void endWaiting(PollingHandle handle, int error) {
    if (handle.taking != NONE) {
      finish(handle.taking, error);
      handle.taking = NONE;
    }
    if (handle.giving != NONE) {
      finish(handle.giving, error);
      handle.giving = NONE;
    }
  }

  private int take(PollingHandle handle, Operation kind, long token, @Nullable Buffer buffer) {
    checkOwner();
    handle.inFlight++;
    return operations.take(kind, token, handle.id(), buffer);
  }

  private long finish(int slot, int result) {
    done.add(slot, result, operations.handle(slot), null);
    return operations.id(slot);
  }

  private boolean deregister(PollingHandle handle) {
    return handle.registration == PollingHandle.NOT_REGISTERED
        || poller.remove(handle.registration);
  }

  private void finishClose(PollingHandle handle, int slot) {
    finish(slot, sockets.closeSocket(handle.socket));
    handles.give(handle);
  }

  private void deliver(Completions out) {
    int slot = done.slot();
    Buffer buffer = operations.buffer(slot);
    Buffer[] gather = operations.gather(slot);
    if (gather != null) {
      Custody.giveBackAll(gather);
    } else if (buffer != null) {
      Custody.giveBack(buffer);
    }
    out.put(
        operations.kind(slot),
        operations.token(slot),
        done.result(),
        false,
        done.handle(),
        buffer,
        done.peer());
    PollingHandle handle = handles.find(operations.handle(slot));
    if (handle != null) {
      handle.inFlight--;
    }
    operations.release(slot);
    done.removeFirst();
  }

  private void closeNow(PollingHandle handle) {
    endWaiting(handle, ErrorCode.CANCELLED);
    deregister(handle);
    sockets.closeSocket(handle.socket);
    handles.give(handle);
  }

  private void releaseBuffers(int slot) {
    Buffer[] gather = operations.gather(slot);
    Buffer single = operations.buffer(slot);
    if (gather != null) {
      Custody.giveBackAll(gather);
      for (Buffer buffer : gather) {
        buffer.release();
      }
      operations.forgetBuffers(slot);
    } else if (single != null) {
      Custody.giveBack(single);
      single.release();
      operations.forgetBuffers(slot);
    }
  }

  private int refusal(@Nullable PollingHandle handle) {
    checkOwner();
    return handle == null ? ErrorCode.NOT_FOUND : ErrorCode.BUSY;
  }

  private void checkOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "the port belongs to thread \""
              + owner.getName()
              + "\" and was used by \""
              + Thread.currentThread().getName()
              + "\"; use post");
    }
  }
}
