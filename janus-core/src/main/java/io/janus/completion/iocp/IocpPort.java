package io.janus.completion.iocp;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Completion by an I/O completion port of Windows, one for one thread. Each submit is a call of the system that starts an operation;
 * {@link #await} dequeues the packets of those that have ended. {@code docs/IOCP.md} lists the traps and where each is handled.
 */
public final class IocpPort implements CompletionPort {
  /** Ten messages a second are worth a buffer that waits for the next. */
  private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final PortGuard guard = new PortGuard();
  private final IocpParts parts;
  private final IocpReceiver receiver;
  private final IocpSender sender;
  private final IocpAcceptor acceptor;
  private final IocpReaper reaper;
  private final PostQueue posts;
  private boolean dequeuedLast;
  private boolean postsFirst;
  private boolean closed;

  /**
   * @param busyNanos see {@link IocpParts#busyNanos}; 0 = no connection is ever busy
   */
  IocpPort(Sockets sockets, BufferPool pool, Limits limits, Counters counters,
      boolean skipOnSuccess, long busyNanos) throws OsException {
    parts = new IocpParts(sockets, pool, limits, counters, skipOnSuccess, busyNanos);
    receiver = new IocpReceiver(parts);
    sender = new IocpSender(parts);
    acceptor = new IocpAcceptor(parts, limits.acceptsPerTurn());
    reaper = new IocpReaper(parts, receiver, sender, acceptor);
    posts = new PostQueue(limits.mailboxTasks());
  }

  /**
   * Opens a port for the calling thread, which must be one of the system's: a wait would hold the carrier of a virtual one. The verbs
   * and the pool stay the caller's.
   *
   * @param skipOnSuccess an operation that is done at once needs no packet, where the socket allows that; false = each has its packet
   * @throws OsException if the system refuses
   * @throws IllegalStateException on a virtual thread
   */
  public static IocpPort open(Sockets sockets, BufferPool pool, Limits limits,
      Counters counters, boolean skipOnSuccess) throws OsException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a completion port has one thread of the system that waits on it, and virtual threads move between them; open the port on a"
              + " platform thread");
    }
    return new IocpPort(sockets, pool, limits, counters, skipOnSuccess, BUSY_NANOS);
  }

  @Override
  public long adopt(long socket) {
    guard.check();
    // Bytes are taken by a plain receive when the port has told that there are some.
    int result = parts.sockets.setNonBlocking(socket);
    if (result < 0) {
      return result;
    }
    IocpHandle handle = parts.handleFor(socket);
    result = ErrorCode.INVALID;
    try {
      result = parts.associate(handle);
    } finally {
      // Also where it throws: whoever could not give the socket away keeps it.
      if (result < 0) {
        parts.handles.give(handle);
      }
    }
    return result < 0 ? result : handle.id();
  }

  @Override
  public long socket(long handle) {
    IocpHandle found = find(handle);
    return found == null ? -1 : found.socket;
  }

  /** A handle is given to the port of the system, which is for its life, at its first operation, or if it was adopted. */
  @Override
  public long disown(long on) {
    IocpHandle handle = find(on);
    if (handle == null || handle.inFlight > 0 || handle.associated) {
      return -1;
    }
    parts.handles.give(handle);
    return handle.socket;
  }

  @Override
  public long accept(long listener, int flags, long token) {
    IocpHandle handle = find(listener);
    if (handle == null) {
      return ErrorCode.NOT_FOUND;
    }
    int result = handle.taking != NONE || parts.isFull() ? ErrorCode.BUSY
        : parts.associate(handle);
    if (result < 0 || handle.skips) {
      // A socket that had an operation of a connection before it listened: an accept that is done at once would have no packet.
      return result < 0 ? result : ErrorCode.INVALID;
    }
    int slot = take(handle, Operation.ACCEPT, token, null);
    result = acceptor.start(handle, (flags & REPEAT) != 0, (flags & WITH_PEER) != 0);
    return result < 0 ? undone(handle, slot, result) : parts.operations.id(slot);
  }

  @Override
  public long receive(long on, int flags, long token) {
    IocpHandle handle = find(on);
    if (handle == null) {
      return ErrorCode.NOT_FOUND;
    }
    int result = ready(handle, handle.taking);
    if (result < 0) {
      return result;
    }
    int slot = take(handle, Operation.RECEIVE, token, null);
    receiver.start(handle, slot);
    return parts.operations.id(slot);
  }

  @Override
  public long receive(long on, Buffer into, long token) {
    SubmitCheck.room(into);
    IocpHandle handle = find(on);
    if (handle == null) {
      return ErrorCode.NOT_FOUND;
    }
    int result = ready(handle, handle.taking);
    if (result < 0) {
      return result;
    }
    Custody.give(into, Custody.RECEIVE);
    int slot = take(handle, Operation.RECEIVE, token, into);
    receiver.startInto(handle, slot, into);
    return parts.operations.id(slot);
  }

  /** A path is refused: ConnectEx with one was reported to write over its caller's memory. */
  @Override
  public long connect(long on, Address peer, long token) {
    SubmitCheck.peer(peer);
    IocpHandle handle = find(on);
    if (handle == null) {
      return ErrorCode.NOT_FOUND;
    }
    int result =
        peer instanceof Address.Unix ? ErrorCode.NO_SUCH_FAMILY : ready(handle, handle.giving);
    if (result < 0) {
      return result;
    }
    SocketExtensions extensions = parts.instance.extensions(peer, handle.socket);
    int cell = extensions.error < 0 ? OverlappedSlab.NONE : parts.addressed.take();
    if (cell == OverlappedSlab.NONE) {
      return extensions.error < 0 ? extensions.error : ErrorCode.BUSY;
    }
    handle.connectCell = cell;
    int slot = take(handle, Operation.CONNECT, token, null);
    sender.connect(handle, slot, extensions, peer);
    return parts.operations.id(slot);
  }

  @Override
  public long send(long on, Buffer from, long token) {
    SubmitCheck.present(from, "from");
    IocpHandle handle = find(on);
    if (handle == null) {
      return ErrorCode.NOT_FOUND;
    }
    int result = ready(handle, handle.giving);
    if (result < 0) {
      return result;
    }
    Custody.give(from, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from);
    result = sender.send(handle, slot, from);
    if (result < 0) {
      Custody.giveBack(from);
      return undone(handle, slot, result);
    }
    return parts.operations.id(slot);
  }

  @Override
  public long sendAll(long on, Buffer[] from, int count, long token) {
    SubmitCheck.gather(from, count);
    IocpHandle handle = find(on);
    if (handle == null) {
      return ErrorCode.NOT_FOUND;
    }
    int result = ready(handle, handle.giving);
    if (result < 0) {
      return result;
    }
    Custody.giveAll(from, count, Custody.SEND);
    int slot = take(handle, Operation.SEND, token, from[0]);
    parts.operations.gather(slot, from, count);
    result = sender.send(handle, slot, from, count);
    if (result < 0) {
      Custody.giveBackAll(from, count);
      return undone(handle, slot, result);
    }
    return parts.operations.id(slot);
  }

  @Override
  public long option(long on, int level, int name, Buffer value, long token) {
    SubmitCheck.present(value, "value");
    IocpHandle handle = find(on);
    if (handle == null || parts.isFull()) {
      return refusal(handle);
    }
    Custody.give(value, Custody.OPTION);
    int slot = take(handle, Operation.OPTION, token, value);
    parts.finish(slot, parts.sockets.setOption(handle.socket, level, name, value));
    return parts.operations.id(slot);
  }

  @Override
  public long shutdownOutput(long on, long token) {
    IocpHandle handle = find(on);
    if (handle == null || handle.shutting != NONE || parts.isFull()) {
      return refusal(handle);
    }
    int slot = take(handle, Operation.SHUTDOWN, token, null);
    sender.shutdown(handle, slot);
    return parts.operations.id(slot);
  }

  @Override
  public long close(long on, int flags, long token) {
    IocpHandle handle = find(on);
    if (handle == null || parts.isFull()) {
      return refusal(handle);
    }
    SubmitCheck.idle(handle.inFlight);
    if ((flags & RESET) != 0) {
      parts.sockets.setOption(handle.socket, SocketOption.RESET_ON_CLOSE, 1);
    }
    int slot = take(handle, Operation.CLOSE, token, null);
    parts.handles.give(handle);
    parts.finish(slot, parts.sockets.closeSocket(handle.socket));
    return parts.operations.id(slot);
  }

  @Override
  public boolean cancel(long operation) {
    guard.check();
    int slot = parts.operations.find(operation);
    IocpHandle handle = slot == NONE ? null : parts.handles.find(parts.operations.handle(slot));
    if (handle == null) {
      return false;
    }
    if (slot == handle.giving) {
      return sender.cancel(handle);
    }
    AcceptSockets accepts = handle.accepts;
    // A handle that has ever accepted, or tried to, keeps its accept's things, and what is in flight may be a receive.
    if (slot == handle.taking && accepts != null
        && parts.operations.kind(slot) == Operation.ACCEPT) {
      return acceptor.cancel(handle, accepts);
    }
    return slot == handle.taking && receiver.cancel(handle);
  }

  @Override
  public int await(Completions out, long timeoutNanos) {
    guard.check();
    SubmitCheck.batch(out);
    boolean waiting = !posts.isEmpty() || !parts.done.isEmpty();
    // Completions that wait go out without a system call, but never twice in a row: packets must not starve.
    dequeuedLast = !waiting || !dequeuedLast;
    // However many wait: where sends end at once there may always be a batch of them, and whose packet is behind would never hear of it.
    // They go out in order. Each operation waits here once, a repeated accept once for each AcceptEx that was posted.
    if (dequeuedLast) {
      reaper.dequeue(out.capacity(), waiting ? 0 : timeoutNanos);
    }
    // First in turns, so that neither starves the other where the batch is small.
    postsFirst = !postsFirst;
    if (postsFirst && !posts.isEmpty()) {
      posts.drainTo(out);
    }
    reaper.deliver(out);
    if (!postsFirst && !posts.isEmpty()) {
      posts.drainTo(out);
    }
    return out.count();
  }

  @Override
  public boolean post(long token, int value) {
    boolean taken = posts.offer(token, value);
    if (taken) {
      parts.instance.waker.wake();
    }
    return taken;
  }

  @Override
  public void wake() {
    parts.instance.waker.wake();
  }

  /** Repeats accepts; a receive ends each time, so that whoever pauses has no bytes under way. */
  @Override
  public int abilities() {
    return CAN_REPEAT;
  }

  @Override
  public int inFlight() {
    return parts.operations.inFlight();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    guard.end();
    posts.close();
    new IocpPortEnd(parts, reaper, acceptor).run();
    parts.close();
    closed = true;
  }

  /** Before an operation that the system does: 0, or why it cannot be taken. */
  private int ready(IocpHandle handle, int inTheWay) {
    return inTheWay != NONE || parts.isFull() ? ErrorCode.BUSY : parts.prepare(handle);
  }

  private int take(IocpHandle handle, Operation kind, long token, @Nullable Buffer buffer) {
    int slot = parts.operations.take(kind, token, handle.id(), buffer);
    handle.submitted(slot, kind);
    return slot;
  }

  /** Nothing was begun, so nothing was taken. */
  private int undone(IocpHandle handle, int slot, int error) {
    handle.handedOut(slot);
    parts.operations.release(slot);
    return error;
  }

  /** Every submit passes here first, so that one on another thread takes nothing. */
  private @Nullable IocpHandle find(long handle) {
    guard.check();
    return parts.handles.find(handle);
  }

  private static int refusal(@Nullable IocpHandle handle) {
    return handle == null ? ErrorCode.NOT_FOUND : ErrorCode.BUSY;
  }
}
