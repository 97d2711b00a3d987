package io.janus.completion.iocp;

import io.janus.buffer.Buffer;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;

/** From packets to done operations, and from those to completions. */
final class IocpReaper {
  private final IocpParts parts;
  private final IocpReceiver receiver;
  private final IocpSender sender;
  private final IocpAcceptor acceptor;

  IocpReaper(
      IocpParts parts, IocpReceiver receiver, IocpSender sender, IocpAcceptor acceptor) {
    this.parts = parts;
    this.receiver = receiver;
    this.sender = sender;
    this.acceptor = acceptor;
  }

  /**
   * Dequeues packets, and puts what has ended by them into the queue of done operations.
   *
   * @param most at least 1
   */
  void dequeue(int most, long timeoutNanos) {
    long timeout = timeoutNanos;
    if (receiver.hasPooled()) {
      long now = System.nanoTime();
      receiver.withdrawQuiet(now);
      timeout = receiver.bounded(timeoutNanos, now);
    }
    int count = parts.instance.take(most, timeout);
    parts.now = System.nanoTime();
    for (int i = 0; i < count; i++) {
      if (!parts.instance.takeWake(i)) {
        packet(parts.instance.entries.key(i), parts.instance.entries.overlapped(i));
      }
    }
  }

  private void packet(long key, long overlapped) {
    IocpHandle handle = parts.handles.find(key);
    if (handle == null) {
      parts.counters.increment(Counter.STALE_EVENTS);
    } else if (handle.takingPends && parts.slab.address(handle.taking) == overlapped) {
      receiver.landed(handle);
    } else if (sender.owns(handle, overlapped)) {
      sender.landed(handle);
    } else {
      acceptPacket(handle, overlapped);
    }
  }

  private void acceptPacket(IocpHandle listener, long overlapped) {
    AcceptSockets accepts = listener.accepts;
    int i = accepts == null ? -1 : accepts.find(parts.addressed, overlapped);
    if (accepts == null || i < 0) {
      parts.counters.increment(Counter.STALE_EVENTS);
    } else {
      acceptor.landed(listener, accepts, i);
    }
  }

  /** Moves done operations into the batch, as many as fit; bytes that are there are taken now. */
  void deliver(Completions out) {
    // What starts again while this goes on has its turn in the next await.
    for (int left = parts.done.size(); left > 0 && !out.isFull(); left--) {
      int slot = parts.done.slot();
      int result = parts.done.result();
      if (result == IocpReceiver.LOOK) {
        result = look(slot);
      }
      if (result == ErrorCode.IN_PROGRESS) {
        parts.done.removeFirst();
      } else {
        deliver(out, slot, result);
      }
    }
  }

  private int look(int slot) {
    IocpHandle handle = parts.handles.find(parts.operations.handle(slot));
    return handle == null ? ErrorCode.CANCELLED : receiver.look(handle, slot);
  }

  private void deliver(Completions out, int slot, int result) {
    OperationTable operations = parts.operations;
    boolean more = parts.done.more();
    Buffer buffer = operations.buffer(slot);
    operations.giveBack(slot);
    out.put(
        operations.kind(slot),
        operations.token(slot),
        result,
        more,
        parts.done.handle(),
        buffer,
        parts.done.peer());
    parts.done.removeFirst();
    if (!more) {
      handedOut(slot);
    }
  }

  /** As the port is closed: gives back what done operations hold, and forgets them. */
  void drop() {
    while (!parts.done.isEmpty()) {
      int slot = parts.done.slot();
      boolean more = parts.done.more();
      parts.done.removeFirst();
      if (!more) {
        parts.operations.releaseBuffers(slot);
        handedOut(slot);
      }
    }
  }

  private void handedOut(int slot) {
    IocpHandle handle = parts.handles.find(parts.operations.handle(slot));
    if (handle != null && parts.operations.kind(slot) != Operation.CLOSE) {
      handle.handedOut(slot);
    }
    parts.operations.release(slot);
  }
}
