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
import io.janus.completion.SubmitCheck;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import org.jspecify.annotations.Nullable;

/**
 * Completion by io_uring(7), one ring for one thread. Submits only write entries; one system call in {@link #await} hands all of them
 * to the kernel and takes what has ended. {@code docs/URING.md} lists the kernel's traps and where each is handled.
 */
public final class UringPort implements CompletionPort {
  private final PortGuard guard = new PortGuard();
  private final Sockets sockets;
  private final UringParts parts;
  private final UringInstance instance;
  private final UringWait wait;
  private final UringSubmitter submitter;
  private final UringUncopiedSends sends;
  private final UringLoan loan;
  private final UringLater later;
  private final UringReaper reaper;
  private final UringPortEnd end;
  private final ProvidedBuffers provided;
  private final @Nullable DirectDescriptors direct;
  private final OperationTable operations;
  private final HandleTable<UringHandle> handles = new HandleTable<>(UringHandle::new);
  private final PostQueue posts;
  private boolean enteredLast;
  private boolean postsFirst;
  private boolean lossTold;
  private boolean closed;

  UringPort(UringCalls calls, Sockets sockets, BufferPool pool, Limits limits,
      Counters counters, int directDescriptors, int zeroCopyBytes) throws OsException {
    this.sockets = sockets;
    parts = new UringParts(calls, pool, limits, counters, directDescriptors);
    instance = parts.instance;
    provided = parts.provided;
    direct = parts.direct;
    wait = new UringWait(instance);
    operations = new OperationTable(limits.operations());
    posts = new PostQueue(limits.mailboxTasks());
    submitter =
        new UringSubmitter(
            instance, parts.abilities.boundsReceive ? 2 * pool.bufferBytes() : 0, direct != null);
    // What cannot be lent could not be cut off from a peer that does not read.
    boolean uncopied = parts.abilities.uncopied && (direct == null || parts.abilities.lends);
    sends = new UringUncopiedSends(uncopied ? zeroCopyBytes : 0);
    loan = new UringLoan(sockets, direct);
    later = new UringLater(instance, submitter, loan, sends, operations, handles);
    reaper = new UringReaper(parts, submitter, loan, sends, later, operations, handles, counters);
    end = new UringPortEnd(reaper, wait, instance, loan, sends, later, operations, handles);
    submitter.watchWaker(parts.waker.fd());
  }

  /**
   * Opens a port for the calling thread, which must be one of the system's: a ring is known to its thread, and a virtual thread
   * moves from one to another. The verbs and the pool stay the caller's.
   *
   * @param directDescriptors size of the ring's own table of sockets, at most the process's limit of descriptors; 0 for sockets of
   *     the process
   * @param zeroCopyBytes sends of so many bytes and more are not copied into the kernel; 0 = all are copied. A wish: what the kernel or
   *     the socket cannot send so is copied
   * @throws OsException if the kernel refuses; {@link UringProbe#refusal} knows the remedy
   * @throws IllegalStateException on a virtual thread
   */
  public static UringPort open(Sockets sockets, BufferPool pool, Limits limits,
      Counters counters, int directDescriptors, int zeroCopyBytes) throws OsException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a ring of io_uring is known to one thread of the system, and virtual threads move between them; open the port on a platform thread");
    }
    return new UringPort(new UringSystem(), sockets, pool, limits, counters, directDescriptors,
        zeroCopyBytes);
  }

  @Override
  public String setUp() {
    return parts.setUp();
  }

  /** What this kernel's io_uring lacks, in words; empty if nothing. */
  public String stepsDown() {
    return parts.abilities.stepsDown(instance.stepsDown());
  }

  @Override
  public long adopt(long socket) {
    guard.check();
    // The ring waits for a blocking socket as well; but what it hands to a worker of the kernel would keep that worker.
    int result = sockets.setNonBlocking(socket);
    if (result >= 0) {
      result = instance.boundWaits((int) socket);
    }
    if (result < 0) {
      return result;
    }
    UringHandle handle = handles.take();
    handle.begin((int) socket, false);
    return handle.id();
  }

  @Override
  public int acceptsBehindABatch() {
    // The accept that finds the queue full ends, with one connection more.
    return instance.completions.capacity() + 1;
  }

  @Override
  public long socket(long handle) {
    UringHandle found = find(handle);
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
      return ErrorCode.TABLE_FULL;
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
    submitter.accept(handle, operations.id(slot));
    return operations.id(slot);
  }

  @Override
  public long receive(long on, int flags, long token) {
    UringHandle handle = find(on);
    if (handle == null || handle.taking != NONE || cannotTake()) {
      return refusal(handle);
    }
    provided.want();
    handle.repeats = (flags & REPEAT) != 0 && parts.abilities.repeatsReceive;
    int slot = take(handle, Operation.RECEIVE, token, null);
    handle.taking = slot;
    submitter.receive(handle, operations.id(slot));
    return operations.id(slot);
  }

  @Override
  public long receive(long on, Buffer into, long token) {
    SubmitCheck.room(into);
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
    SubmitCheck.peer(peer);
    UringHandle handle = find(on);
    if (handle == null || handle.giving != NONE || cannotTake() || !submitter.hasCell()) {
      return refusal(handle);
    }
    if (direct != null && !handle.direct) {
      if (handle.inFlight > 0) {
        // What is in flight works on the descriptor that would be given up.
        return ErrorCode.BUSY;
      }
      int index = direct.isFull() ? ErrorCode.TABLE_FULL : direct.install(handle.fd);
      if (index < 0) {
        return index;
      }
      sockets.closeSocket(handle.fd);
      handle.begin(index, true);
    }
    int slot = take(handle, Operation.CONNECT, token, null);
    handle.giving = slot;
    submitter.connect(handle, operations.id(slot), peer);
    return operations.id(slot);
  }

  @Override
  public long send(long on, Buffer from, long token) {
    SubmitCheck.present(from, "from");
    UringHandle handle = find(on);
    if (handle == null || handle.giving != NONE || cannotTake()) {
      return refusal(handle);
    }
    Custody.give(from, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from);
    handle.giving = slot;
    boolean uncopied = sends.begin(handle, slot, Custody.readable(from)) != null;
    submitter.send(handle, operations.id(slot), from, uncopied);
    return operations.id(slot);
  }

  @Override
  public long sendAll(long on, Buffer[] from, int count, long token) {
    SubmitCheck.gather(from, count);
    UringHandle handle = find(on);
    if (handle == null || handle.giving != NONE || cannotTake() || !submitter.hasCell()) {
      return refusal(handle);
    }
    Custody.giveAll(from, count, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from[0]);
    operations.gather(slot, from, count);
    handle.giving = slot;
    boolean uncopied = sends.begin(handle, slot, Custody.readable(from, count)) != null;
    submitter.send(handle, operations.id(slot), from, count, uncopied);
    return operations.id(slot);
  }

  @Override
  public long option(long on, int level, int name, Buffer value, long token) {
    SubmitCheck.present(value, "value");
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
    later.known(slot, result);
    return operations.id(slot);
  }

  @Override
  public long shutdownOutput(long on, long token) {
    UringHandle handle = find(on);
    if (handle == null || handle.shutting != NONE || cannotTake()) {
      return refusal(handle);
    }
    int slot = take(handle, Operation.SHUTDOWN, token, null);
    later.shutdownBehind(handle, slot);
    return operations.id(slot);
  }

  @Override
  public long close(long on, int flags, long token) {
    UringHandle handle = find(on);
    if (handle == null || cannotTake()) {
      return refusal(handle);
    }
    SubmitCheck.idle(handle.inFlight);
    if ((flags & RESET) != 0) {
      if (!handle.direct) {
        sockets.setOption(handle.fd, SocketOption.RESET_ON_CLOSE, 1);
      } else {
        submitter.resetOnClose(handle);
        if (!instance.hasRoom()) {
          return ErrorCode.BUSY;
        }
      }
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
  public boolean flush() {
    guard.check();
    reaper.beforeEnter();
    return instance.submit() && later.isEmpty();
  }

  @Override
  public int await(Completions out, long timeoutNanos) {
    guard.check();
    SubmitCheck.batch(out);
    boolean waiting = !posts.isEmpty() || !instance.completions.isEmpty();
    // Completions that wait go out without a system call, but never twice in a row: nothing moves in the kernel without one.
    enteredLast =
        !waiting || !enteredLast || instance.submissions.waiting() > 0 || !later.isEmpty();
    if (enteredLast) {
      reaper.beforeEnter();
      wait.enter(1, waiting ? 0 : later.isEmpty() ? timeoutNanos : UringWait.aMoment(timeoutNanos));
      if (wait.isLossy() && !lossTold) {
        lossTold = true;
        throw new IllegalStateException(instance.completions.lossSentence());
      }
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
      parts.waker.wake();
    }
    return taken;
  }

  @Override
  public void wake() {
    parts.waker.wake();
  }

  @Override
  public int abilities() {
    return CAN_REPEAT | PATHS | (direct == null ? 0 : DIRECT)
        | (sends.copiesNothing() ? ZERO_COPY : 0);
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
    end.run();
    parts.close();
    closed = true;
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
