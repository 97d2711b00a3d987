package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.completion.HandleTable;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What does not go straight into the submission queue: what finds it full, or no descriptor to lend, or a send that goes first, is
 * tried again before each enter; and what was done by a call has its result kept until its completion comes like all others. All of
 * it is rare.
 */
final class UringLater {
  private final UringInstance instance;
  private final UringSubmitter submitter;
  private final UringLoan loan;
  private final UringUncopiedSends sends;
  private final OperationTable operations;
  private final HandleTable<UringHandle> handles;

  /** Results of operations that were done at their submit, by slot. */
  private final Map<Integer, Integer> known = new HashMap<>();

  /** Accepts, receives and sends that have ended for a reason of the ring's own and go on with a new entry. */
  private final ArrayDeque<Long> again = new ArrayDeque<>();

  /** Operations that are asked to end. */
  private final ArrayDeque<Long> cancels = new ArrayDeque<>();

  /** Uncopied sends of which the kernel holds bytes and that are asked to end. */
  private final ArrayDeque<Long> cuts = new ArrayDeque<>();

  /** Shutdowns before which nothing is left to send. */
  private final ArrayDeque<Long> shutdowns = new ArrayDeque<>();

  UringLater(
      UringInstance instance,
      UringSubmitter submitter,
      UringLoan loan,
      UringUncopiedSends sends,
      OperationTable operations,
      HandleTable<UringHandle> handles) {
    this.instance = instance;
    this.submitter = submitter;
    this.loan = loan;
    this.sends = sends;
    this.operations = operations;
    this.handles = handles;
  }

  /** True if nothing waits for the next enter. */
  boolean isEmpty() {
    return again.isEmpty() && cancels.isEmpty() && cuts.isEmpty() && shutdowns.isEmpty();
  }

  /** True if the kernel does not have an operation because it waits here, or behind a send: its end is still to come. */
  boolean holds(int slot) {
    long operation = operations.id(slot);
    UringHandle handle = handles.find(operations.handle(slot));
    return handle != null && handle.shutting == slot || again.contains(operation)
        || shutdowns.contains(operation);
  }

  /** Does what waits, as far as it can be done now. */
  void submit() {
    while (!again.isEmpty() && hasRoom()) {
      submitAgain(again.remove());
    }
    while (again.isEmpty() && !cancels.isEmpty() && instance.hasRoom()) {
      submitter.cancel(cancels.remove());
    }
    while (!cuts.isEmpty() && cut(cuts.peek())) {
      cuts.remove();
    }
    while (!shutdowns.isEmpty() && instance.hasRoom()) {
      long operation = shutdowns.remove();
      shutdown(operation, handle(operation));
    }
  }

  /** Submits an operation whose result is known already; there must be room. */
  void known(int slot, int result) {
    known.put(slot, result);
    submitter.nothing(operations.id(slot));
  }

  /** The result of an operation that was done at its submit, or what the kernel says of any other. */
  int takeKnown(int slot, int result) {
    Integer early = known.remove(slot);
    return early == null ? result : early;
  }

  /** The operation goes on, by a new entry. */
  void again(int slot) {
    long operation = operations.id(slot);
    if (again.isEmpty() && hasRoom()) {
      submitAgain(operation);
    } else {
      again.add(operation);
    }
  }

  /** The operation is asked to end, behind the entry that it may still wait for. */
  void cancel(long operation) {
    if (again.isEmpty() && instance.hasRoom()) {
      submitter.cancel(operation);
    } else {
      cancels.add(operation);
    }
  }

  /** Ends an uncopied send that waits for a peer who may never read: only the end of the socket makes the kernel let go. */
  void cutOff(long operation) {
    if (!cut(operation)) {
      // No descriptor to lend, perhaps.
      cuts.add(operation);
    }
  }

  /** Sends FIN when the connect or send in flight has ended, whichever way; now if there is none. There must be room. */
  void shutdownBehind(UringHandle handle, int slot) {
    if (handle.giving == NONE) {
      shutdown(operations.id(slot), handle);
    } else {
      handle.shutting = slot;
    }
  }

  /** The connect or send before a shutdown has ended, or all its bytes are the kernel's. */
  void gaveOrSent(UringHandle handle) {
    if (handle.shutting != NONE) {
      shutdowns.add(operations.id(handle.shutting));
      handle.shutting = NONE;
    }
  }

  private boolean hasRoom() {
    return instance.hasRoom() && submitter.hasCell();
  }

  private void submitAgain(long operation) {
    int slot = operations.find(operation);
    UringHandle handle = handle(operation);
    if (operations.kind(slot) == Operation.ACCEPT) {
      submitter.accept(handle, operation);
    } else if (operations.kind(slot) == Operation.RECEIVE) {
      Buffer own = operations.buffer(slot);
      if (own == null) {
        submitter.receive(handle, operation);
      } else {
        submitter.receive(handle, operation, own);
      }
    } else {
      boolean uncopied = sends.isUncopied(sends.find(slot));
      int count = operations.gatherCount(slot);
      if (count > 0) {
        submitter.send(handle, operation, operations.gather(slot), count, uncopied);
      } else {
        Buffer buffer = Objects.requireNonNull(operations.buffer(slot));
        submitter.send(handle, operation, buffer, uncopied);
      }
    }
  }

  /** True if nothing is left to do. */
  private boolean cut(long operation) {
    int slot = operations.find(operation);
    UringHandle handle = slot == NONE ? null : handles.find(operations.handle(slot));
    UringUncopiedSend send = slot == NONE ? null : sends.find(slot);
    // One cut frees all sends of the socket.
    if (handle != null && send != null && send.pinned > 0 && !handle.isCut) {
      handle.isCut = loan.disconnect(handle) >= 0;
      return handle.isCut;
    }
    return true;
  }

  private void shutdown(long operation, UringHandle handle) {
    int result = loan.shutdownOutput(handle);
    if (result < 0 && handle.direct) {
      // No descriptor to lend, perhaps. The kernel hands a submitted shutdown to a worker thread, so it is called where it can be.
      submitter.shutdownOutput(handle, operation);
    } else {
      known(operations.find(operation), result);
    }
  }

  /** The handle of an operation that the kernel does not have, which therefore lives. */
  private UringHandle handle(long operation) {
    return Objects.requireNonNull(handles.find(operations.handle(operations.find(operation))));
  }
}
