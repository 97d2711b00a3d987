package io.janus.completion;

import io.janus.completion.SharedOperation.State;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a shared port has brought up and not yet handed over to the workers: the last batch of the port below, and
 * the operations that it refused. The owner's; what touches the hand-over is called under the port's lock.
 */
final class Landing {
  private final HandOver handOver;
  private final SharedOperations operations;
  private final Completions batch;

  /** The first completion of the batch that had no room yet. */
  private int next;

  private @Nullable SharedOperation firstRefused;
  private @Nullable SharedOperation lastRefused;

  Landing(int batch, HandOver handOver, SharedOperations operations) {
    this.batch = new Completions(batch);
    this.handOver = handOver;
    this.operations = operations;
  }

  /** True if nothing is left over; only then more may be taken from the port below. */
  boolean isEmpty() {
    return next >= batch.count() && firstRefused == null;
  }

  /** Without the lock: the next batch of the port below. */
  void await(CompletionPort port) {
    batch.clear();
    next = 0;
    port.await(batch, CompletionPort.FOREVER);
  }

  void addRefused(SharedOperation operation) {
    if (firstRefused == null) {
      firstRefused = operation;
    } else if (lastRefused != null) {
      lastRefused.next = operation;
    }
    lastRefused = operation;
  }

  /** Under the lock: hands over as much as there is room for; true if that was something. */
  boolean handOver() {
    int before = handOver.size();
    while (firstRefused != null && !handOver.isFull()) {
      SharedOperation refused = firstRefused;
      firstRefused = refused.next;
      refused.next = null;
      refused.state = State.LANDED;
      handOver.putRefusal(refused);
    }
    while (next < batch.count() && !handOver.isFull()) {
      land(next++);
    }
    return handOver.size() > before;
  }

  /**
   * Under the lock, as the port is closed: gives back what is here, what waits for the owner and what waits for workers.
   *
   * @param unstarted what the owner has taken from the queue and not submitted, a list
   */
  void drop(@Nullable SharedOperation unstarted) {
    while (handOver.size() > 0) {
      handOver.drop(operations);
    }
    dropAll(unstarted);
    dropAll(operations.takeQueued());
    dropAll(firstRefused);
    firstRefused = null;
    while (next < batch.count()) {
      if (land(next++)) {
        handOver.drop(operations);
      }
    }
  }

  private void dropAll(@Nullable SharedOperation first) {
    SharedOperation each = first;
    while (each != null) {
      SharedOperation operation = each;
      each = operation.next;
      operation.releaseBuffers();
      operations.release(operation);
    }
  }

  /** Hands completion i of the batch over; false if there is nothing to tell yet. */
  private boolean land(int i) {
    SharedOperation operation = landed(i);
    if (operation != null && batch.more(i) && batch.operation(i) == Operation.SEND) {
      operation.sum(batch.result(i), true);
      return false;
    }
    handOver.put(batch, i, operation);
    return true;
  }

  /** The operation of completion i of the batch; null for a post. */
  private @Nullable SharedOperation landed(int i) {
    SharedOperation operation =
        batch.operation(i) == Operation.POST ? null : operations.find(batch.token(i));
    if (operation != null && !batch.more(i)) {
      operation.state = State.LANDED;
      operation.holdBuffers();
    }
    return operation;
  }
}
