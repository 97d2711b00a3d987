package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.HandleTable;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.completion.PortGuard;
import io.janus.completion.PostQueue;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.linux.EventfdWaker;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import org.jspecify.annotations.Nullable;

/**
 * Completion by io_uring(7), one ring for one thread. Submits only write entries; one system call in {@link #await} hands all of them
 * to the kernel and takes what has ended. {@code docs/URING.md} lists the kernel's traps and where each is handled.
 */
public final class UringPort implements CompletionPort {
  private static final int LEAST_ENTRIES = 64;
  private static final int MOST_ENTRIES = 4096;

  private final PortGuard guard = new PortGuard();
  private final Sockets sockets;
  private final UringInstance instance;
  private final UringWait wait;
  private final UringSubmitter submitter;
  private final UringScratch scratch;
  private final UringLoan loan;
  private final UringReaper reaper;
  private final UringEnding ending;
  private final EventfdWaker waker;
  private final ProvidedBuffers provided;
  private final @Nullable DirectDescriptors direct;
  private final OperationTable operations;
  private final HandleTable<UringHandle> handles = new HandleTable<>(UringHandle::new);
  private final PostQueue posts;
  private boolean enteredLast;
  private boolean postsFirst;
  private boolean closed;

  private UringPort(Sockets sockets, BufferPool pool, Limits limits, Counters counters,
      int directDescriptors, int zeroCopyBytes) throws OsException {
    this.sockets = sockets;
    int entries = Math.clamp(limits.batchEvents(), LEAST_ENTRIES, MOST_ENTRIES);
    instance = new UringInstance(entries, counters);
    wait = new UringWait(instance);
    EventfdWaker openedWaker = null;
    ProvidedBuffers openedBuffers = null;
    try {
      openedWaker = EventfdWaker.open(instance.errno);
      openedBuffers = ProvidedBuffers.open(instance, pool, limits);
      direct =
          directDescriptors == 0
              ? null
              : DirectDescriptors.open(instance, directDescriptors, limits.backlog());
    } catch (OsException | RuntimeException | Error e) {
      if (openedBuffers != null) {
        openedBuffers.close();
      }
      if (openedWaker != null) {
        openedWaker.close(instance.errno);
      }
      instance.close();
      throw e;
    }
    waker = openedWaker;
    provided = openedBuffers;
    operations = new OperationTable(limits.operations());
    posts = new PostQueue(limits.mailboxTasks());
    submitter = new UringSubmitter(instance.submissions, zeroCopyBytes);
    scratch = new UringScratch(instance);
    loan = new UringLoan(sockets, direct);
    reaper = new UringReaper(loan, instance, submitter, operations, handles, provided, direct,
        waker, counters);
    ending = new UringEnding(reaper, wait, instance.completions, operations, handles);
    submitter.watchWaker(waker.fd());
  }

  /**
   * Opens a port for the calling thread. The verbs and the pool stay the caller's.
   *
   * @param directDescriptors size of the ring's own table of sockets, at most the process's limit of descriptors; 0 for sockets of
   *     the process
   * @param zeroCopyBytes sends of so many bytes and more are not copied into the kernel, and end only when the peer has them; 0 = all are
   *     copied
   * @throws OsException if the kernel refuses; the sentence names the remedy
   */
  public static UringPort open(Sockets sockets, BufferPool pool, Limits limits,
      Counters counters, int directDescriptors, int zeroCopyBytes) throws OsException {
    return new UringPort(sockets, pool, limits, counters, directDescriptors, zeroCopyBytes);
  }

  /** What this kernel lacks against the best set-up of a ring, in words; empty if nothing. */
  public String stepsDown() {
    return instance.stepsDown();
  }

  @Override
  public long adopt(long socket) {
    guard.check();
    UringHandle handle = handles.take();
    handle.begin((int) socket, false);
    return handle.id();
  }

  @Override
  public long socket(long handle) {
    UringHandle found = usable(handle);
    return found == null || found.direct ? -1 : found.fd;
  }

  @Override
  public long lend(long handle) {
    UringHandle found = find(handle);
    return found == null || !found.direct || direct == null ? -1 : direct.lend(found.fd);
  }

  @Override
  public long accept(long listener, int flags, long token) {
    UringHandle handle = find(listener);
    if (handle == null || handle.taking != NONE || cannotTake()) {
      return refusal(handle);
    }
    if (direct != null && direct.isFull()) {
      return ErrorCode.OUT_OF_DESCRIPTORS;
    }
    handle.withPeer = (flags & WITH_PEER) != 0;
    handle.repeats =
        (flags & REPEAT) != 0 && !handle.withPeer
            && (direct == null || direct.hasPlenty(reaper.repeatedAccepts() + 1));
    if (direct != null && !handle.repeats) {
      direct.promise();
    }
    int slot = take(handle, Operation.ACCEPT, token, null);
    handle.taking = slot;
    reaper.accepts(handle);
    submitter.accept(handle, operations.id(slot), handle.repeats, direct != null);
    return operations.id(slot);
  }

  @Override
  public long receive(long on, int flags, long token) {
    UringHandle handle = find(on);
    if (handle == null || handle.taking != NONE || cannotTake()) {
      return refusal(handle);
    }
    provided.want();
    handle.repeats = (flags & REPEAT) != 0;
    handle.bounded = handle.repeats && reaper.repeatedBytes() > 0;
    int slot = take(handle, Operation.RECEIVE, token, null);
    handle.taking = slot;
    submitter.receive(handle, operations.id(slot), reaper.repeatedBytes());
    return operations.id(slot);
  }

  @Override
  public long receive(long on, Buffer into, long token) {
    if (into.writable() == 0) {
      throw new IllegalArgumentException(
          "the buffer of a receive has no writable room; clear it or raise its limit first");
    }
    UringHandle handle = find(on);
    if (handle == null || handle.taking != NONE || cannotTake()) {
      return refusal(handle);
    }
    Custody.give(into, Custody.RECEIVE);
    int slot = take(handle, Operation.RECEIVE, token, into);
    handle.taking = slot;
    submitter.receive(handle, operations.id(slot), into);
    return operations.id(slot);
  }

  @Override
  public long connect(long on, Address peer, long token) {
    UringHandle handle = find(on);
    if (handle == null || handle.giving != NONE || cannotTake() || !scratch.hasRoom()) {
      return refusal(handle);
    }
    if (direct != null && !handle.direct) {
      int index = direct.isFull() ? ErrorCode.OUT_OF_DESCRIPTORS : direct.install(handle.fd);
      if (index < 0) {
        return index;
      }
      sockets.closeSocket(handle.fd);
      handle.begin(index, true);
    }
    int slot = take(handle, Operation.CONNECT, token, null);
    handle.giving = slot;
    submitter.connect(handle, operations.id(slot), peer, scratch.take());
    return operations.id(slot);
  }

  @Override
  public long send(long on, Buffer from, long token) {
    UringHandle handle = find(on);
    if (handle == null || handle.giving != NONE || cannotTake()) {
      return refusal(handle);
    }
    Custody.give(from, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from);
    handle.giving = slot;
    submitter.send(handle, operations.id(slot), from);
    return operations.id(slot);
  }

  @Override
  public long sendAll(long on, Buffer[] from, int count, long token) {
    if (count < 1 || count > Sockets.MAX_GATHER || count > from.length) {
      throw new IllegalArgumentException(
          "a gathered send takes 1 to " + Sockets.MAX_GATHER + " buffers, not " + count);
    }
    UringHandle handle = find(on);
    if (handle == null || handle.giving != NONE || cannotTake() || !scratch.hasRoom()) {
      return refusal(handle);
    }
    Custody.giveAll(from, count, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from[0]);
    operations.gather(slot, from, count);
    handle.giving = slot;
    submitter.send(handle, operations.id(slot), from, count, scratch.take());
    return operations.id(slot);
  }

  @Override
  public long option(long on, int level, int name, Buffer value, long token) {
    UringHandle handle = find(on);
    if (handle == null || cannotTake()) {
      return refusal(handle);
    }
    Custody.give(value, Custody.OPTION);
    int result = loan.call(handle, s -> sockets.setOption(s, level, name, value));
    if (result == ErrorCode.BUSY) {
      Custody.giveBack(value);
      return result;
    }
    int slot = take(handle, Operation.OPTION, token, value);
    reaper.known(slot, result);
    return operations.id(slot);
  }

  @Override
  public long shutdownOutput(long on, long token) {
    UringHandle handle = find(on);
    if (handle == null || cannotTake()) {
      return refusal(handle);
    }
    // What was sent before goes first, and the kernel may not have seen it yet.
    if (handle.giving != NONE && !instance.submit()) {
      return ErrorCode.BUSY;
    }
    int result = loan.call(handle, sockets::shutdownOutput);
    int slot = take(handle, Operation.SHUTDOWN, token, null);
    if (result < 0 && handle.direct) {
      // No descriptor to lend, perhaps. The kernel hands a submitted shutdown to a worker thread, so it is called where it can be.
      submitter.shutdownOutput(handle, operations.id(slot));
    } else {
      reaper.known(slot, result);
    }
    return operations.id(slot);
  }

  @Override
  public long close(long on, int flags, long token) {
    UringHandle handle = find(on);
    if (handle == null || cannotTake()) {
      return refusal(handle);
    }
    if (handle.inFlight > 0) {
      throw new IllegalStateException(
          "cannot close a handle with "
              + handle.inFlight
              + " operations in flight; cancel them and take their completions first");
    }
    if ((flags & RESET) != 0 && loan.resetOnClose(handle) == ErrorCode.BUSY) {
      return ErrorCode.BUSY;
    }
    handle.closing = true;
    int slot = take(handle, Operation.CLOSE, token, null);
    submitter.close(handle, operations.id(slot));
    return operations.id(slot);
  }

  @Override
  public boolean cancel(long operation) {
    guard.check();
    int slot = operations.find(operation);
    return slot != NONE && reaper.cancel(slot);
  }

  @Override
  public void flush() {
    guard.check();
    reaper.beforeEnter();
    instance.submit();
  }

  @Override
  public int await(Completions out, long timeoutNanos) {
    guard.check();
    out.clear();
    boolean waiting = !posts.isEmpty() || !instance.completions.isEmpty();
    // Completions that wait go out without a system call, but never twice in a row: nothing moves in the kernel without one.
    enteredLast = !waiting || !enteredLast || instance.submissions.waiting() > 0;
    if (enteredLast) {
      reaper.beforeEnter();
      wait.enter(1, waiting ? 0 : timeoutNanos);
    }
    // First in turns, so that neither starves the other where the batch is small.
    postsFirst = !postsFirst;
    if (postsFirst && !posts.isEmpty()) {
      posts.drainTo(out);
    }
    reaper.reap(out);
    if (!postsFirst && !posts.isEmpty()) {
      posts.drainTo(out);
    }
    return out.count();
  }

  @Override
  public boolean post(long token, int value) {
    boolean taken = posts.offer(token, value);
    if (taken) {
      waker.wake();
    }
    return taken;
  }

  @Override
  public void wake() {
    waker.wake();
  }

  @Override
  public int abilities() {
    return CAN_REPEAT | (direct == null ? 0 : DIRECT) | (submitter.copiesNothing() ? ZERO_COPY : 0);
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
    if (!ending.run()) {
      // The kernel may still write to their memory, so nothing of it is given back: a leak, told by the pool, not a crash.
      throw new IllegalStateException(
          operations.inFlight()
              + " operations did not end when the ring was closed, so its memory stays; close it again to go on");
    }
    closed = true;
    handles.forEachOpen(this::closeNow);
    provided.close();
    waker.close(instance.errno);
    instance.close();
  }

  /** Direct descriptors go with the ring. */
  private void closeNow(UringHandle handle) {
    if (!handle.direct) {
      sockets.closeSocket(handle.fd);
    }
    handles.give(handle);
  }

  private int take(UringHandle handle, Operation kind, long token, @Nullable Buffer buffer) {
    handle.inFlight++;
    return operations.take(kind, token, handle.id(), buffer);
  }

  private boolean cannotTake() {
    return operations.isFull() || !instance.hasRoom();
  }

  /** Every submit passes here first, so that one on another thread takes nothing. */
  private @Nullable UringHandle find(long handle) {
    guard.check();
    return usable(handle);
  }

  private @Nullable UringHandle usable(long handle) {
    UringHandle found = handles.find(handle);
    return found == null || found.closing ? null : found;
  }

  private static int refusal(@Nullable UringHandle handle) {
    return handle == null ? ErrorCode.NOT_FOUND : ErrorCode.BUSY;
  }
}
