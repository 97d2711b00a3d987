package io.janus.completion.iocp;

import io.janus.buffer.BufferPool;
import io.janus.completion.DoneQueue;
import io.janus.completion.HandleTable;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.windows.AcceptAddresses;
import io.janus.ffi.windows.NtStatus;
import io.janus.ffi.windows.Overlapped;
import io.janus.ffi.windows.WinError;
import io.janus.ffi.windows.Wsabuf;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Sockets;

/** What the classes of one port share: the system's port, the tables, the memory of the operations. */
final class IocpParts implements AutoCloseable {
  // A cell of the slab, one cache line: OVERLAPPED, one WSABUF, the flags of a receive.
  static final long BUFFER_AT = Overlapped.BYTES;
  static final long FLAGS_AT = BUFFER_AT + Wsabuf.BYTES;
  private static final int CELL_BYTES = 64;

  // A cell with addresses: OVERLAPPED, a count that nobody reads, the results of GetAcceptExSockaddrs, two addresses.
  static final long COUNT_AT = Overlapped.BYTES;
  static final long FOUND_AT = CELL_BYTES;
  static final long ADDRESSES_AT = FOUND_AT + AcceptAddresses.BYTES;

  /** Room for one address of any family, as AcceptEx wants it. */
  static final int ADDRESS_BYTES = 128 + AcceptAddresses.EXTRA_BYTES;

  private static final int ADDRESSED_CELL_BYTES = (int) ADDRESSES_AT + 2 * ADDRESS_BYTES;

  private static final int MOST_PACKETS = 1024;

  final Sockets sockets;
  final BufferPool pool;
  final Counters counters;
  final IocpInstance instance;
  final OperationTable operations;
  final HandleTable<IocpHandle> handles = new HandleTable<>(IocpHandle::new);
  final DoneQueue done = new DoneQueue();

  /** By the same number as the operations. */
  final OverlappedSlab slab = new OverlappedSlab(CELL_BYTES);

  /** For accepts and connects, whose addresses the system needs for as long as they go on. */
  final OverlappedSlab addressed = new OverlappedSlab(ADDRESSED_CELL_BYTES);

  /** Bytes that come within this time of those before make a connection busy; without bytes for so long it is quiet again. */
  final long busyNanos;

  private final boolean skipOnSuccess;

  /** Operations of the system whose packets have not been dequeued. */
  int pending;

  /** The port is being closed: nothing is started any more. */
  boolean ending;

  /** When the last await began to look at its packets. */
  long now = System.nanoTime();

  IocpParts(Sockets sockets, BufferPool pool, Limits limits, Counters counters,
      boolean skipOnSuccess, long busyNanos) throws OsException {
    this.sockets = sockets;
    this.pool = pool;
    this.counters = counters;
    this.skipOnSuccess = skipOnSuccess;
    this.busyNanos = busyNanos;
    operations = new OperationTable(limits.operations());
    instance = new IocpInstance(Math.min(limits.batchEvents(), MOST_PACKETS), counters);
  }

  /** A handle for a socket that has not been given to the port of the system yet. */
  IocpHandle handleFor(long socket) {
    IocpHandle handle = handles.take();
    handle.begin(socket, now - busyNanos);
    return handle;
  }

  /** Before the first operation on a handle: its packets come here; 0 or an error. */
  int associate(IocpHandle handle) {
    if (!handle.associated) {
      int result = instance.associate(handle.socket, handle.id());
      if (result < 0) {
        return result;
      }
      handle.associated = true;
    }
    return 0;
  }

  /**
   * Before the first receive, send or connect on a handle: {@link #associate}, and a success known at once needs no packet where that is
   * safe. Never on a listener, to which these are a mistake: an accept always has its packet, so that a burst of connections cannot make
   * one submit endless, and what a socket skips is for its life.
   */
  int prepare(IocpHandle handle) {
    if (handle.moded) {
      return 0;
    }
    int result = associate(handle);
    if (result == -WinError.ERROR_NOT_ENOUGH_MEMORY
        || result == -WinError.ERROR_NO_SYSTEM_RESOURCES) {
      // Nothing was begun and nothing is lost: it is tried again.
      return ErrorCode.BUSY;
    }
    if (result == 0) {
      handle.moded = true;
      handle.skips = skipOnSuccess && !listens(handle) && isPlain(handle)
          && instance.skipPackets(handle.socket);
    }
    return result;
  }

  /** What was accepted here is known to be no listener; of others the system is asked. */
  private boolean listens(IocpHandle handle) {
    return handle.accepts != null
        || !handle.plainKnown && instance.listens(handle.socket);
  }

  /** Whether the handle's sockets are the system's own; asked once, and accepted sockets are as their listener. */
  boolean isPlain(IocpHandle handle) {
    if (!handle.plainKnown) {
      handle.plainKnown = true;
      handle.plain = instance.isPlain(handle.socket);
    }
    return handle.plain;
  }

  /** True if the tables take no further operation now. */
  boolean isFull() {
    return operations.isFull() || !slab.reaches(operations.inFlight());
  }

  /**
   * What a call has answered that was to start an operation.
   *
   * @return {@link ErrorCode#IN_PROGRESS} if a packet will come, zero or more bytes if it is done without one, another error if it has
   *     not begun; then the cell is over
   */
  int begun(IocpHandle handle, OverlappedSlab cells, int cell, int answer) {
    if (answer == ErrorCode.IN_PROGRESS || (answer >= 0 && !handle.skips)) {
      pending++;
      return ErrorCode.IN_PROGRESS;
    }
    int result = answer < 0 ? answer : cells.count(cell);
    cells.poison(cell);
    return result;
  }

  /** What a packet tells of its operation: zero or more bytes, or an error. */
  int landed(OverlappedSlab cells, int cell) {
    pending--;
    int result = NtStatus.result(cells.status(cell));
    if (result >= 0) {
      result = cells.count(cell);
    }
    cells.poison(cell);
    return result;
  }

  /** The operation has ended and waits for an await. */
  void finish(int slot, int result) {
    done.add(slot, result, operations.handle(slot), null, false);
  }

  /** With no operation of the system left. */
  @Override
  public void close() {
    instance.close();
    slab.close();
    addressed.close();
  }
}
