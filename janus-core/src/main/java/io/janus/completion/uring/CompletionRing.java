package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringCqe;
import io.janus.ffi.linux.UringParams;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;

/** The queue from the kernel: a cursor over entries that have come, given back by {@link #publish}. */
final class CompletionRing {
  private static final VarHandle INT = JAVA_INT.varHandle();

  private final MemorySegment ring;
  private final long headAt;
  private final long tailAt;
  private final long droppedAt;
  private final long entriesAt;
  private final int mask;
  private final int capacity;
  private int head;

  /** What the kernel has been told of {@link #head}. */
  private int published;

  /** How many last completions wait between {@link #head} and {@link #lookedAt}, by their names: a send can have one for each entry. */
  private final Map<Long, Integer> ends = new HashMap<>();

  /** {@link #holdsLast} has seen what is before; never behind the head. */
  private int lookedAt;

  private long looks;

  CompletionRing(MemorySegment ring, MemorySegment params) {
    this.ring = ring;
    headAt = UringParams.completionOffset(params, 0);
    tailAt = UringParams.completionOffset(params, 1);
    mask = ring.get(JAVA_INT, UringParams.completionOffset(params, 2));
    droppedAt = UringParams.completionOffset(params, 4);
    entriesAt = UringParams.completionOffset(params, 5);
    capacity = mask + 1;
    head = ring.get(JAVA_INT, headAt);
    published = head;
    lookedAt = head;
  }

  int capacity() {
    return capacity;
  }

  /** Completions that the kernel has dropped because it had no memory for them. */
  int dropped() {
    return (int) INT.getOpaque(ring, droppedAt);
  }

  /** What that means and what helps. */
  String lossSentence() {
    return "the kernel had no memory for a completion and has dropped it (" + dropped()
        + " so far), so an operation of this port ends by the port's close only; free memory, or raise the limit of the process or container";
  }

  boolean isEmpty() {
    return head == tail();
  }

  /** True if the kernel has no room for one more. */
  boolean isFull() {
    return tail() - published >= capacity;
  }

  long userData() {
    return UringCqe.userData(ring, at(head));
  }

  int result() {
    return UringCqe.result(ring, at(head));
  }

  int flags() {
    return UringCqe.flags(ring, at(head));
  }

  /** Entries that have come and that nobody has looked at yet. */
  int count() {
    return tail() - head;
  }

  /** The name of an entry further on. */
  long userData(int ahead) {
    return UringCqe.userData(ring, at(head + ahead));
  }

  /** The flags of an entry further on. */
  int flags(int ahead) {
    return UringCqe.flags(ring, at(head + ahead));
  }

  void advance() {
    if (lookedAt != head) {
      if (isLast(head)) {
        ends.computeIfPresent(userData(), (name, count) -> count == 1 ? null : count - 1);
      }
    } else {
      lookedAt++;
    }
    head++;
  }

  /** Gives the entries that were passed back to the kernel. */
  void publish() {
    published = head;
    INT.setRelease(ring, headAt, head);
  }

  /**
   * Looks for an entry anywhere in the queue, renames it, and returns its result. From the newest back, for what is asked for has come just
   * now.
   *
   * @param missing what to return if it has not come
   */
  int takeOutOfTurn(long userData, long renamed, int missing) {
    for (int i = tail(); i != head;) {
      i--;
      looks++;
      if (UringCqe.userData(ring, at(i)) == userData) {
        UringCqe.setUserData(ring, at(i), renamed);
        return UringCqe.result(ring, at(i));
      }
    }
    return missing;
  }

  /**
   * True if the last completion of an operation has come and waits here. Each entry is looked at once, however often this is asked: a port
   * that ends asks it for everything in flight.
   */
  boolean holdsLast(long userData) {
    for (int tail = tail(); lookedAt != tail; lookedAt++) {
      looks++;
      if (isLast(lookedAt)) {
        ends.merge(UringCqe.userData(ring, at(lookedAt)), 1, Integer::sum);
      }
    }
    return ends.containsKey(userData);
  }

  /** Entries that were looked at out of their turn. */
  long looks() {
    return looks;
  }

  private boolean isLast(int index) {
    return (UringCqe.flags(ring, at(index)) & Uring.CQE_MORE) == 0;
  }

  private int tail() {
    return (int) INT.getAcquire(ring, tailAt);
  }

  private long at(int index) {
    return entriesAt + (index & mask) * UringCqe.BYTES;
  }
}
