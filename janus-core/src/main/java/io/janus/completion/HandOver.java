package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.socket.Address;
import org.jspecify.annotations.Nullable;

/** Completions on their way from the owner of a shared port to its workers: bounded, in order. Guarded by the port's lock. */
final class HandOver {
  private static final class Entry {
    Operation kind = Operation.POST;
    long token;
    int result;
    boolean more;
    long handle;
    @Nullable Buffer buffer;
    @Nullable Address peer;

    /** Null for a post. */
    @Nullable SharedOperation operation;
  }

  private final Entry[] entries;
  private int head;
  private int count;

  HandOver(int capacity) {
    entries = new Entry[capacity];
    for (int i = 0; i < capacity; i++) {
      entries[i] = new Entry();
    }
  }

  int size() {
    return count;
  }

  boolean isFull() {
    return count == entries.length;
  }

  /** True if so few wait that the owner should bring more. */
  boolean isLow() {
    return count <= entries.length / 2;
  }

  /** Appends completion i of a batch of the port below. */
  void put(Completions from, int i, @Nullable SharedOperation operation) {
    Entry entry = append(operation);
    entry.kind = from.operation(i);
    entry.token = operation == null ? from.token(i) : operation.token;
    entry.result = operation == null ? from.result(i) : operation.sum(from.result(i), from.more(i));
    entry.more = from.more(i);
    entry.handle = from.handle(i);
    entry.buffer = from.buffer(i);
    entry.peer = from.peer(i);
  }

  /** Appends the end of an operation that the port below has refused. */
  void putRefusal(SharedOperation operation) {
    Entry entry = append(operation);
    entry.kind = operation.kind;
    entry.token = operation.token;
    entry.result = operation.refusal;
    entry.more = false;
    entry.handle = operation.handle;
    entry.buffer = operation.buffer();
    entry.peer = null;
  }

  /** Moves the oldest completion into a worker's batch, and ends its operation if it was the last one. */
  void moveTo(Completions out, SharedOperations operations) {
    Entry entry = entries[head];
    out.put(entry.kind, entry.token, entry.result, entry.more, entry.handle, entry.buffer,
        entry.peer);
    SharedOperation operation = entry.operation;
    if (operation != null && !entry.more) {
      operation.giveBuffersBack();
      operations.release(operation);
    }
    removeFirst(entry);
  }

  /** Drops the oldest completion, as the port is closed, and gives its buffers back to their pools. */
  void drop(SharedOperations operations) {
    Entry entry = entries[head];
    SharedOperation operation = entry.operation;
    if (operation != null && operation.buffer() != null) {
      operation.releaseBuffers();
    } else if (entry.buffer != null) {
      entry.buffer.release();
    }
    if (operation != null && !entry.more) {
      operations.release(operation);
    }
    removeFirst(entry);
  }

  private Entry append(@Nullable SharedOperation operation) {
    Entry entry = entries[(head + count) % entries.length];
    entry.operation = operation;
    count++;
    return entry;
  }

  private void removeFirst(Entry entry) {
    entry.operation = null;
    entry.buffer = null;
    entry.peer = null;
    head = (head + 1) % entries.length;
    count--;
  }
}
