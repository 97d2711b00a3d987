package io.janus.emulation;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.DoneQueue;
import io.janus.completion.HandleTable;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.completion.PortGuard;
import io.janus.completion.PostQueue;
import io.janus.completion.SubmitCheck;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Poller;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import org.jspecify.annotations.Nullable;

/**
 * The completion face made from readiness: an operation is tried at once, and if it would block it waits for the poller and
 * is tried again inside await. A result that is there at once waits in a queue for the next await, so nothing ever calls back
 * from inside a submit.
 */
public final class PollingPort implements CompletionPort {
  private final PortGuard guard = new PortGuard();
  private final Poller poller;
  private final Sockets sockets;
  private final boolean tryFirst;
  private final OperationTable operations;
  private final WaitingOperations waiting;
  private final HandleTable<PollingHandle> handles = new HandleTable<>(PollingHandle::new);
  private final DoneQueue done = new DoneQueue();
  private final PostQueue posts;
  private boolean polledLast;
  private boolean postsFirst;

  /** The sockets have been closed, or asked of the poller; some may still have to be let go. */
  private boolean ending;

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
    this.operations = new OperationTable(limits.operations());
    this.waiting =
        new WaitingOperations(
            poller,
            sockets,
            counters,
            tryFirst,
            limits,
            operations,
            new Attempt(sockets, pool, operations),
            handles,
            done);
    this.posts = new PostQueue(limits.mailboxTasks());
  }

  @Override
  public long adopt(long socket) {
    guard.check();
    // A try on a blocking socket would hold up everything else.
    int result = sockets.setNonBlocking(socket);
    if (result < 0) {
      return result;
    }
    PollingHandle handle = handles.take();
    handle.begin(socket);
    return handle.id();
  }

  @Override
  public long socket(long handle) {
    PollingHandle found = find(handle);
    return found == null ? -1 : found.socket;
  }

  @Override
  public long disown(long on) {
    PollingHandle handle = find(on);
    if (handle == null || handle.inFlight > 0
        || handle.registration != PollingHandle.NOT_REGISTERED) {
      return -1;
    }
    handles.give(handle);
    return handle.socket;
  }

  @Override
  public long accept(long listener, int flags, long token) {
    PollingHandle handle = find(listener);
    if (handle == null || handle.takes || operations.isFull()) {
      return refusal(handle);
    }
    handle.withPeer = (flags & WITH_PEER) != 0;
    handle.repeats = (flags & REPEAT) != 0;
    return startTaking(handle, take(handle, Operation.ACCEPT, token, null));
  }

  @Override
  public long receive(long on, int flags, long token) {
    PollingHandle handle = find(on);
    if (handle == null || handle.takes || operations.isFull()) {
      return refusal(handle);
    }
    return startTaking(handle, take(handle, Operation.RECEIVE, token, null));
  }

  @Override
  public long receive(long on, Buffer into, long token) {
    SubmitCheck.room(into);
    PollingHandle handle = find(on);
    if (handle == null || handle.takes || operations.isFull()) {
      return refusal(handle);
    }
    Custody.give(into, Custody.RECEIVE);
    return startTaking(handle, take(handle, Operation.RECEIVE, token, into));
  }

  @Override
  public long connect(long on, Address peer, long token) {
    SubmitCheck.peer(peer);
    PollingHandle handle = find(on);
    if (handle == null || handle.gives || operations.isFull()) {
      return refusal(handle);
    }
    int slot = take(handle, Operation.CONNECT, token, null);
    long operation = operations.id(slot);
    waiting.startConnect(handle, slot, peer);
    return operation;
  }

  @Override
  public long send(long on, Buffer from, long token) {
    SubmitCheck.present(from, "from");
    PollingHandle handle = find(on);
    if (handle == null || handle.gives || operations.isFull()) {
      return refusal(handle);
    }
    Custody.give(from, Custody.SEND);
    return startSend(handle, take(handle, Operation.SEND, token, from));
  }

  @Override
  public long sendAll(long on, Buffer[] from, int count, long token) {
    SubmitCheck.gather(from, count);
    PollingHandle handle = find(on);
    if (handle == null || handle.gives || operations.isFull()) {
      return refusal(handle);
    }
    Custody.giveAll(from, count, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from[0]);
    operations.gather(slot, from, count);
    return startSend(handle, slot);
  }

  @Override
  public long option(long on, int level, int name, Buffer value, long token) {
    SubmitCheck.present(value, "value");
    PollingHandle handle = find(on);
    if (handle == null || operations.isFull()) {
      return refusal(handle);
    }
    Custody.give(value, Custody.OPTION);
    int slot = take(handle, Operation.OPTION, token, value);
    waiting.finish(slot, sockets.setOption(handle.socket, level, name, value));
    return operations.id(slot);
  }

  @Override
  public long shutdownOutput(long on, long token) {
    PollingHandle handle = find(on);
    if (handle == null || handle.shutting != NONE || operations.isFull()) {
      return refusal(handle);
    }
    int slot = take(handle, Operation.SHUTDOWN, token, null);
    long operation = operations.id(slot);
    waiting.startShutdown(handle, slot);
    return operation;
  }

  @Override
  public long close(long on, int flags, long token) {
    PollingHandle handle = find(on);
    if (handle == null || operations.isFull()) {
      return refusal(handle);
    }
    SubmitCheck.idle(handle.inFlight);
    if ((flags & RESET) != 0) {
      sockets.setOption(handle.socket, SocketOption.RESET_ON_CLOSE, 1);
    }
    int slot = take(handle, Operation.CLOSE, token, null);
    long operation = operations.id(slot);
    waiting.startClose(handle, slot);
    return operation;
  }

  @Override
  public boolean cancel(long operation) {
    guard.check();
    int slot = operations.find(operation);
    PollingHandle handle = slot == NONE ? null : handles.find(operations.handle(slot));
    return handle != null && waiting.cancel(handle, slot);
  }

  /**
   * What waits for readiness before it is tried has gone nowhere yet. What ends by that waits for the next await, and is bounded however
   * often this is called: an operation ends once, and a repeated accept brings no more while a batch of results waits.
   */
  @Override
  public boolean flush() {
    guard.check();
    if (!tryFirst) {
      tryAll();
      waiting.poll(0);
      tryAll();
    }
    return true;
  }

  private void tryAll() {
    while (waiting.hasUntried()) {
      waiting.tryReady();
    }
  }

  @Override
  public int await(Completions out, long timeoutNanos) {
    guard.check();
    SubmitCheck.batch(out);
    if (waiting.hasUntried()) {
      // An await that brings nothing says that there is nothing, so it goes on until it has something or has tried all.
      if (done.size() < out.capacity()) {
        do {
          waiting.tryReady();
        } while (done.isEmpty() && waiting.hasUntried());
      }
    } else {
      boolean results = !posts.isEmpty() || !done.isEmpty();
      // Results that wait go out without a system call, but never twice in a row: readiness must not starve.
      polledLast = !results || !polledLast;
      if (polledLast) {
        waiting.poll(results ? 0 : timeoutNanos);
      }
    }
    // First in turns, so that neither starves the other where the batch is small.
    postsFirst = !postsFirst;
    if (postsFirst && !posts.isEmpty()) {
      posts.drainTo(out);
    }
    while (!done.isEmpty() && !out.isFull()) {
      deliver(out);
    }
    if (!postsFirst && !posts.isEmpty()) {
      posts.drainTo(out);
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

  /** Repeats accepts; a receive ends each time, so that whoever pauses has no bytes under way. */
  @Override
  public int abilities() {
    return CAN_REPEAT | PATHS;
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
    guard.end();
    posts.close();
    // What the poller has told already, among it perhaps that it has let a socket go.
    tryAll();
    if (!ending) {
      ending = true;
      handles.forEachOpen(waiting::closeNow);
    }
    int leaving = waiting.awaitLeaving();
    releaseDone();
    if (leaving > 0) {
      // To close the poller or a socket now would be to take it from under the system.
      throw new IllegalStateException(
          leaving + (leaving == 1 ? " socket was" : " sockets were")
              + " not let go by the poller when the port was closed, and nothing was freed; close it again to go on");
    }
    poller.close();
    closed = true;
  }

  private void releaseDone() {
    Completions lost = new Completions(64);
    while (!done.isEmpty()) {
      lost.clear();
      while (!done.isEmpty() && !lost.isFull()) {
        operations.releaseBuffers(done.slot());
        deliver(lost);
      }
    }
  }

  private long startTaking(PollingHandle handle, int slot) {
    long operation = operations.id(slot);
    waiting.startTaking(handle, slot);
    return operation;
  }

  private long startSend(PollingHandle handle, int slot) {
    long operation = operations.id(slot);
    waiting.startSend(handle, slot);
    return operation;
  }

  private int take(PollingHandle handle, Operation kind, long token, @Nullable Buffer buffer) {
    handle.submitted(kind);
    return operations.take(kind, token, handle.id(), buffer);
  }

  private void deliver(Completions out) {
    int slot = done.slot();
    boolean more = done.more();
    Buffer buffer = operations.buffer(slot);
    operations.giveBack(slot);
    out.put(
        operations.kind(slot),
        operations.token(slot),
        done.result(),
        more,
        done.handle(),
        buffer,
        done.peer());
    done.removeFirst();
    if (!more) {
      handedOut(slot);
    }
  }

  private void handedOut(int slot) {
    PollingHandle handle = handles.find(operations.handle(slot));
    if (handle != null) {
      handle.handedOut(operations.kind(slot));
    }
    operations.release(slot);
  }

  /** Every submit passes here first, so that one on another thread takes nothing. */
  private @Nullable PollingHandle find(long handle) {
    guard.check();
    return usable(handle);
  }

  private @Nullable PollingHandle usable(long handle) {
    PollingHandle found = handles.find(handle);
    return found == null || found.closing != NONE ? null : found;
  }

  private static int refusal(@Nullable PollingHandle handle) {
    return handle == null ? ErrorCode.NOT_FOUND : ErrorCode.BUSY;
  }
}
