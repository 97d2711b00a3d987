package io.janus.emulation;

import io.janus.socket.Address;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Operations that have ended, or completed once and go on, and wait for the next await, in that order. */
final class DoneQueue {
  private int[] slots = new int[64];
  private int[] results = new int[64];
  private long[] handles = new long[64];
  private @Nullable Address[] peers = new Address[64];
  private boolean[] more = new boolean[64];
  private int head;
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  int size() {
    return count;
  }

  void add(int slot, int result, long handle, @Nullable Address peer, boolean goesOn) {
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

  int slot() {
    return slots[head];
  }

  int result() {
    return results[head];
  }

  long handle() {
    return handles[head];
  }

  @Nullable
  Address peer() {
    return peers[head];
  }

  /** True if the operation goes on and keeps its slot. */
  boolean more() {
    return more[head];
  }

  void removeFirst() {
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
