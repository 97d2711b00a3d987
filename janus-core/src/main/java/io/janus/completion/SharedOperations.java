package io.janus.completion;

import io.janus.completion.SharedOperation.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a shared port, and those of them that wait for the owner, in the order of their submits. A slot is taken at
 * the submit and given back when the last completion is taken, so the table bounds every queue on the way. Guarded by the port's
 * lock.
 */
final class SharedOperations {
  private final int capacity;
  private final List<SharedOperation> all = new ArrayList<>();
  private @Nullable SharedOperation free;
  private @Nullable SharedOperation firstQueued;
  private @Nullable SharedOperation lastQueued;
  private int inFlight;

  SharedOperations(int capacity) {
    this.capacity = capacity;
  }

  /** True if no further operation can be taken. */
  boolean isFull() {
    return inFlight == capacity;
  }

  /** A slot for a new operation; only if {@link #isFull} says that there is one. */
  SharedOperation take(Operation kind, long handle, long token) {
    SharedOperation operation = free;
    if (operation == null) {
      operation = new SharedOperation(all.size());
      all.add(operation);
    } else {
      free = operation.next;
      operation.next = null;
    }
    inFlight++;
    operation.begin(kind, handle, token);
    return operation;
  }

  void release(SharedOperation operation) {
    operation.end();
    operation.next = free;
    free = operation;
    inFlight--;
  }

  /** The operation of this name, or null if it is over. */
  @Nullable
  SharedOperation find(long id) {
    int slot = (int) id;
    if (id <= 0 || slot < 0 || slot >= all.size()) {
      return null;
    }
    SharedOperation operation = all.get(slot);
    return operation.state != State.FREE && operation.id() == id ? operation : null;
  }

  void queue(SharedOperation operation) {
    operation.state = State.QUEUED;
    if (lastQueued == null) {
      firstQueued = operation;
    } else {
      lastQueued.next = operation;
    }
    lastQueued = operation;
  }

  boolean hasQueued() {
    return firstQueued != null;
  }

  /** The owner: the whole queue as a list by {@link SharedOperation#next}, now the owner's; null if it is empty. */
  @Nullable
  SharedOperation takeQueued() {
    SharedOperation first = firstQueued;
    firstQueued = null;
    lastQueued = null;
    for (SharedOperation each = first; each != null; each = each.next) {
      if (each.state == State.QUEUED) {
        each.state = State.STARTED;
      }
    }
    return first;
  }

  int inFlight() {
    return inFlight;
  }
}
