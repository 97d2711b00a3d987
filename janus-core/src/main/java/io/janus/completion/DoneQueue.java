package io.janus.completion;

import io.janus.socket.Address;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Operations that have ended, or completed once and go on, and wait for the next await, in that order. For whoever implements a port;
 * the owner's. Grows to what was ever in it at a time.
 */
public final class DoneQueue {
  private int[] slots = new int[64];
  private int[] results = new int[64];
  private long[] handles = new long[64];
  private @Nullable Address[] peers = new Address[64];
  private boolean[] more = new boolean[64];
  private int head;
  private int count;

  /** An empty one. */
  public DoneQueue() {}

  /** True if nothing waits. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** How many wait. */
  public int size() {
    return count;
  }

  /**
   * Appends one.
   *
   * @param slot in the {@link OperationTable}
   * @param result for {@link Completions#result}, or a number of the backend's own that it replaces in time
   * @param goesOn the operation keeps its slot and completes again
   */
  public void add(
      int slot, int result, long handle, @Nullable Address peer, boolean goesOn) {
    if (count == slots.length) {
      grow();
    }
    int at = (head + count) & (slots.length - 1);
    slots[at] = slot;
    results[at] = result;
    handles[at] = handle;
    peers[at] = peer;
    more[at] = goesOn;
    count++;
  }

  /** The first one's slot. */
  public int slot() {
    return slots[head];
  }

  /** The first one's result. */
  public int result() {
    return results[head];
  }

  /** The first one's handle. */
  public long handle() {
    return handles[head];
  }

  /** The first one's peer, of an accept that asked for it. */
  public @Nullable Address peer() {
    return peers[head];
  }

  /** True if the first one goes on and keeps its slot. */
  public boolean more() {
    return more[head];
  }

  /** Takes the first one off. */
  public void removeFirst() {
    peers[head] = null;
    head = (head + 1) & (slots.length - 1);
    count--;
  }

  private void grow() {
    int size = slots.length * 2;
    int[] newSlots = Arrays.copyOf(slots, size);
    int[] newResults = Arrays.copyOf(results, size);
    long[] newHandles = Arrays.copyOf(handles, size);
    @Nullable
    Address[] newPeers = Arrays.copyOf(peers, size);
    boolean[] newMore = new boolean[size];
    for (int i = 0; i < count; i++) {
      int from = (head + i) & (slots.length - 1);
      newSlots[i] = slots[from];
      newResults[i] = results[from];
      newHandles[i] = handles[from];
      newPeers[i] = peers[from];
      newMore[i] = more[from];
    }
    slots = newSlots;
    results = newResults;
    handles = newHandles;
    peers = newPeers;
    more = newMore;
    head = 0;
  }
}
