package io.janus.completion.iocp;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.bsd.Sockaddr;
import io.janus.ffi.windows.Mstcpip;
import io.janus.ffi.windows.Mswsock;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.Wsabuf;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import io.janus.socket.AddressBytes;
import java.lang.foreign.MemorySegment;

/** Connects, sends and the ends of sending: the direction that gives. */
final class IocpSender {
  /**
   * Most bytes of one send, which ends short if there are more: the system locks them all in memory while it goes on, and its answer is
   * a number of 32 bits.
   */
  static final int MOST_BYTES = 1 << 24;

  private final IocpParts parts;

  IocpSender(IocpParts parts) {
    this.parts = parts;
  }

  /** Begins a send of one buffer; {@link ErrorCode#BUSY} if the system has no room for it now, and nothing was begun. */
  int send(IocpHandle handle, int slot, Buffer from) {
    MemorySegment memory = parts.slab.chunk(slot);
    long at = parts.slab.at(slot) + IocpParts.BUFFER_AT;
    set(memory, at, 0, from, MOST_BYTES);
    return send(handle, slot, memory, at, 1);
  }

  /** The same for several buffers. */
  int send(IocpHandle handle, int slot, Buffer[] from, int count) {
    MemorySegment memory = parts.slab.chunk(slot);
    int room = MOST_BYTES;
    for (int i = 0; i < count; i++) {
      room -= set(memory, 0, i, from[i], room);
    }
    return send(handle, slot, memory, 0, count);
  }

  /** Names at most so many readable bytes of a buffer to the system, and returns how many. */
  private static int set(MemorySegment memory, long at, int i, Buffer from, int most) {
    int bytes = Math.min(Custody.readable(from), most);
    Wsabuf.set(memory, at, i, Custody.memory(from).address() + Custody.readIndex(from), bytes);
    return bytes;
  }

  private int send(IocpHandle handle, int slot, MemorySegment memory, long buffersAt, int count) {
    parts.slab.prepare(slot);
    parts.counters.increment(Counter.SEND_CALLS);
    int answer =
        Winsock2.wsaSend(parts.instance.errno, handle.socket, memory, buffersAt, count, 0,
            parts.slab.at(slot));
    int result = parts.begun(handle, parts.slab, slot, answer);
    if (result == ErrorCode.WOULD_BLOCK || result == ErrorCode.NO_BUFFER) {
      // Too many sends are on their way in the whole process, or the system has no memory to hold this one.
      return ErrorCode.BUSY;
    }
    handle.givingPends = result == ErrorCode.IN_PROGRESS;
    if (!handle.givingPends) {
      endSend(slot, result);
    }
    return 0;
  }

  /** Begins a connect in its cell of addresses. */
  void connect(IocpHandle handle, int slot, SocketExtensions extensions, Address peer) {
    OverlappedSlab cells = parts.addressed;
    int cell = handle.connectCell;
    int result = parts.instance.bindToAny(handle.socket, extensions.family);
    if (result >= 0) {
      MemorySegment memory = cells.chunk(cell);
      long at = cells.at(cell);
      MemorySegment address = memory.asSlice(at + IocpParts.ADDRESSES_AT, Sockaddr.STORAGE_BYTES);
      if (AddressBytes.isLoopback(peer)) {
        Mstcpip.giveUpAtTheFirstRefusal(parts.instance.errno, handle.socket, address);
      }
      int bytes = AddressBytes.encode(address, peer);
      cells.prepare(cell);
      int answer =
          Mswsock.connectEx(parts.instance.errno, extensions.connectEx, handle.socket, memory,
              at + IocpParts.ADDRESSES_AT, bytes, at + IocpParts.COUNT_AT, at);
      result = parts.begun(handle, cells, cell, answer);
    }
    handle.givingPends = result == ErrorCode.IN_PROGRESS;
    if (!handle.givingPends) {
      endConnect(handle, slot, result);
    }
  }

  /** True if the packet is that of the connect or send in flight. */
  boolean owns(IocpHandle handle, long overlapped) {
    return handle.givingPends && address(handle) == overlapped;
  }

  private long address(IocpHandle handle) {
    return handle.connectCell == OverlappedSlab.NONE
        ? parts.slab.address(handle.giving)
        : parts.addressed.address(handle.connectCell);
  }

  /** The packet of the connect or send has come. */
  void landed(IocpHandle handle) {
    int slot = handle.giving;
    handle.givingPends = false;
    if (parts.operations.kind(slot) == Operation.CONNECT) {
      endConnect(handle, slot, parts.landed(parts.addressed, handle.connectCell));
    } else {
      endSend(slot, parts.landed(parts.slab, slot));
    }
    if (handle.shutting != NONE) {
      int behind = handle.shutting;
      handle.shutting = NONE;
      shutdown(handle, behind);
    }
  }

  private void endConnect(IocpHandle handle, int slot, int result) {
    parts.addressed.give(handle.connectCell);
    handle.connectCell = OverlappedSlab.NONE;
    parts.finish(slot, result < 0 ? result : parts.instance.updateConnected(handle.socket));
  }

  private void endSend(int slot, int result) {
    int count = parts.operations.gatherCount(slot);
    Buffer single = parts.operations.buffer(slot);
    if (count > 0) {
      Custody.sent(parts.operations.gather(slot), count, result);
    } else if (single != null && result > 0) {
      Custody.sent(single, result);
    }
    parts.finish(slot, result);
  }

  /** Sends FIN, behind the connect or send in flight. */
  void shutdown(IocpHandle handle, int slot) {
    if (handle.givingPends) {
      handle.shutting = slot;
    } else {
      parts.finish(slot, parts.sockets.shutdownOutput(handle.socket));
    }
  }

  /** The caller's wish; false if the operation is over, or its completion is on its way. */
  boolean cancel(IocpHandle handle) {
    if (!handle.givingPends || handle.givingWished) {
      return false;
    }
    handle.givingWished = true;
    return parts.instance.cancel(handle.socket, address(handle));
  }
}
