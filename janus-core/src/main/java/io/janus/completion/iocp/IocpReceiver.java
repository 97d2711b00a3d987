package io.janus.completion.iocp;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.completion.iocp.IocpHandle.Form;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.Wsabuf;
import io.janus.limit.Counter;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Receives, in three forms. A connection that is quiet has one of no bytes in the system, which ends when bytes exist; then the bytes
 * are taken by a call that does not wait, into a buffer of the pool. A connection on which bytes come in quick succession has one with
 * a buffer of the pool in the system, which saves that call; it is taken back when nothing has come for a while. The third form has a
 * buffer of the caller.
 */
final class IocpReceiver {
  /** In the queue of done operations: bytes exist, or the end, and have to be taken. */
  static final int LOOK = Integer.MIN_VALUE;

  private final IocpParts parts;
  private final int mostPooled;

  /** Receives with a buffer of the pool, in the order of their start. */
  private @Nullable IocpHandle oldest;

  private @Nullable IocpHandle newest;
  private int pooled;

  IocpReceiver(IocpParts parts) {
    this.parts = parts;
    // The other half is for those whose bytes have come.
    this.mostPooled = parts.pool.capacity() / 2;
  }

  /** Begins a receive for which the port picks the buffer. */
  void start(IocpHandle handle, int slot) {
    if (!handle.busy || !startPooled(handle, slot)) {
      startEmpty(handle, slot);
    }
  }

  /** Begins a receive into the caller's buffer, which has been given away. */
  void startInto(IocpHandle handle, int slot, Buffer into) {
    handle.form = Form.OWN;
    int result = post(handle, slot, into);
    if (result != ErrorCode.IN_PROGRESS) {
      endOwn(slot, into, result);
    }
  }

  private void startEmpty(IocpHandle handle, int slot) {
    handle.form = Form.EMPTY;
    int result = post(handle, slot, 0, 0);
    if (result != ErrorCode.IN_PROGRESS) {
      parts.finish(slot, result < 0 ? result : LOOK);
    }
  }

  /** False if there is no buffer for it, or the system cannot hold one in memory now. */
  private boolean startPooled(IocpHandle handle, int slot) {
    Buffer buffer = pooled < mostPooled ? parts.pool.acquire() : null;
    if (buffer == null) {
      return false;
    }
    parts.pool.standBy(buffer);
    handle.form = Form.POOLED;
    int result = post(handle, slot, buffer);
    if (result == ErrorCode.IN_PROGRESS) {
      parts.operations.setBuffer(slot, buffer);
      append(handle);
    } else if (result == ErrorCode.NO_BUFFER) {
      parts.pool.called(buffer);
      buffer.release();
      return false;
    } else {
      endPooled(handle, slot, buffer, result);
    }
    return true;
  }

  private int post(IocpHandle handle, int slot, Buffer into) {
    int at = Custody.writeIndex(into);
    return post(
        handle, slot, Custody.memory(into).address() + at, Custody.limit(into) - at);
  }

  private int post(IocpHandle handle, int slot, long address, int bytes) {
    MemorySegment memory = parts.slab.chunk(slot);
    long at = parts.slab.at(slot);
    parts.slab.prepare(slot);
    Wsabuf.set(memory, at + IocpParts.BUFFER_AT, 0, address, bytes);
    memory.set(JAVA_INT, at + IocpParts.FLAGS_AT, 0);
    parts.counters.increment(Counter.RECEIVE_CALLS);
    int answer =
        Winsock2.wsaRecv(parts.instance.errno, handle.socket, memory, at + IocpParts.BUFFER_AT, 1,
            at + IocpParts.FLAGS_AT, at);
    int result = patient(parts.begun(handle, parts.slab, slot, answer));
    handle.takingPends = result == ErrorCode.IN_PROGRESS;
    return result;
  }

  /** Would-block means that the system has too many operations to take another one: as little an end as the want of a buffer. */
  private static int patient(int result) {
    return result == ErrorCode.WOULD_BLOCK ? ErrorCode.NO_BUFFER : result;
  }

  /** The receive's packet has come. */
  void landed(IocpHandle handle) {
    int slot = handle.taking;
    Buffer buffer = parts.operations.buffer(slot);
    int result = patient(parts.landed(parts.slab, slot));
    handle.takingPends = false;
    if (buffer == null) {
      parts.finish(slot, result < 0 ? result : LOOK);
    } else if (handle.form == Form.OWN) {
      endOwn(slot, buffer, result);
    } else {
      remove(handle);
      endPooled(handle, slot, buffer, result);
    }
  }

  private void endOwn(int slot, Buffer buffer, int result) {
    if (result > 0) {
      Custody.received(buffer, result);
    }
    parts.finish(slot, result);
  }

  private void endPooled(IocpHandle handle, int slot, Buffer buffer, int result) {
    parts.pool.called(buffer);
    if (result > 0) {
      Custody.received(buffer, result);
      hold(handle, slot, buffer);
      parts.finish(slot, result);
      return;
    }
    parts.operations.setBuffer(slot, null);
    buffer.release();
    if (result == ErrorCode.CANCELLED && handle.withdrawn && !handle.takingWished
        && !parts.ending) {
      handle.withdrawn = false;
      startEmpty(handle, slot);
    } else {
      parts.finish(slot, result);
    }
  }

  /**
   * Inside await: takes the bytes that exist.
   *
   * @return the result of the operation, or {@link ErrorCode#IN_PROGRESS} if there were none after all and the operation goes on
   */
  int look(IocpHandle handle, int slot) {
    Buffer buffer = parts.pool.acquire();
    if (buffer == null) {
      return ErrorCode.NO_BUFFER;
    }
    int result = parts.sockets.receive(handle.socket, buffer);
    if (result > 0) {
      hold(handle, slot, buffer);
      return result;
    }
    buffer.release();
    if (result != ErrorCode.WOULD_BLOCK) {
      return result;
    }
    if (handle.takingWished) {
      return ErrorCode.CANCELLED;
    }
    startEmpty(handle, slot);
    return ErrorCode.IN_PROGRESS;
  }

  private void hold(IocpHandle handle, int slot, Buffer buffer) {
    Custody.give(buffer, Custody.RECEIVE);
    parts.operations.setBuffer(slot, buffer);
    handle.busy = parts.now - handle.bytesAt < parts.busyNanos;
    handle.bytesAt = parts.now;
  }

  /** The caller's wish; false if the receive is over, or its completion is on its way. */
  boolean cancel(IocpHandle handle) {
    if (handle.takingWished) {
      return false;
    }
    // Also where it has no effect now: what is about to look and finds nothing does not start again.
    handle.takingWished = true;
    return handle.takingPends
        && (handle.withdrawn
            || parts.instance.cancel(handle.socket, parts.slab.address(handle.taking)));
  }

  /** Takes the buffers back from connections that have fallen quiet; their receives go on without. */
  void withdrawQuiet(long now) {
    while (oldest != null && now - oldest.pooledAt >= parts.busyNanos) {
      IocpHandle handle = oldest;
      remove(handle);
      handle.busy = false;
      handle.withdrawn = true;
      parts.instance.cancel(handle.socket, parts.slab.address(handle.taking));
    }
  }

  /** How long an await may sleep before {@link #withdrawQuiet} has something to do. */
  long bounded(long timeoutNanos, long now) {
    if (oldest == null) {
      return timeoutNanos;
    }
    long left = Math.max(0, oldest.pooledAt + parts.busyNanos - now);
    return timeoutNanos < 0 ? left : Math.min(timeoutNanos, left);
  }

  boolean hasPooled() {
    return oldest != null;
  }

  private void append(IocpHandle handle) {
    handle.pooledAt = parts.now;
    handle.older = newest;
    handle.newer = null;
    if (newest == null) {
      oldest = handle;
    } else {
      newest.newer = handle;
    }
    newest = handle;
    pooled++;
  }

  /** Nothing if it has been taken off already. */
  private void remove(IocpHandle handle) {
    if (handle.withdrawn) {
      return;
    }
    if (handle.older == null) {
      oldest = handle.newer;
    } else {
      handle.older.newer = handle.newer;
    }
    if (handle.newer == null) {
      newest = handle.older;
    } else {
      handle.newer.older = handle.older;
    }
    handle.older = null;
    handle.newer = null;
    pooled--;
  }
}
