package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.socket.Sockets;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends of one connection of which the socket has bytes and the kernel still has the memory: they were not copied, and their buffers come
 * back when the peer's system has acknowledged them. What is sent next does not wait for that, what is still pinned is bounded.
 */
final class PinnedSends {
  /** One of them: the buffers that are used up, and must not be touched before its last completion. */
  static final class Send {
    final long operation;

    /** By which its last completion names it. */
    final Buffer first;

    private final Buffer[] spent = new Buffer[Sockets.MAX_GATHER];
    private int count;

    private Send(long operation, Buffer first) {
      this.operation = operation;
      this.first = first;
    }
  }

  private final ArrayDeque<Send> sends = new ArrayDeque<>(4);
  private long bytes;

  /** What is known of how the peer takes the bytes that are still in flight. */
  final Progress progress = new Progress();

  boolean isEmpty() {
    return sends.isEmpty();
  }

  /** Memory of the pool that is pinned: whole buffers, however little of each was sent. */
  long bytes() {
    return bytes;
  }

  /** The newest send, if it is the one of this operation. */
  @Nullable
  Send newest(long operation) {
    Send last = sends.peekLast();
    return last == null || last.operation != operation ? null : last;
  }

  Send begin(long operation, Buffer first) {
    Send send = new Send(operation, first);
    sends.add(send);
    return send;
  }

  /** All bytes of one more buffer of a send are sent. */
  void spend(Send send, Buffer buffer) {
    send.spent[send.count++] = buffer;
    bytes += Custody.memory(buffer).byteSize();
  }

  /** Takes the send out whose first buffer has come back; null if there is none. */
  @Nullable
  Send remove(@Nullable Buffer first) {
    for (Iterator<Send> each = sends.iterator(); each.hasNext();) {
      Send send = each.next();
      if (send.first == first) {
        each.remove();
        return send;
      }
    }
    return null;
  }

  /** Gives the buffers of a send back to their pools, which the port has given back. */
  void release(Send send) {
    for (int i = 0; i < send.count; i++) {
      bytes -= Custody.memory(send.spent[i]).byteSize();
      send.spent[i].release();
    }
  }

  void forEachOperation(LongConsumer action) {
    sends.forEach(send -> action.accept(send.operation));
  }
}
