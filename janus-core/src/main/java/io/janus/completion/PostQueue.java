package io.janus.completion;

import java.util.Arrays;

/** Values posted by other threads, in order, bounded. Posts are rare beside completions, so a lock serves. */
public final class PostQueue {
  private final int capacity;
  private long[] tokens = new long[16];
  private int[] values = new int[16];
  private int head;
  private volatile int count;
  private boolean closed;

  /**
   * @param capacity most posts that may wait
   */
  public PostQueue(int capacity) {
    this.capacity = capacity;
  }

  /** Any thread: appends, or false if the queue is full or closed. */
  public synchronized boolean offer(long token, int value) {
    int waiting = count;
    if (closed || waiting == capacity) {
      return false;
    }
    if (waiting == tokens.length) {
      grow();
    }
    int at = (head + waiting) % tokens.length;
    tokens[at] = token;
    values[at] = value;
    count = waiting + 1;
    return true;
  }

  /** True if nothing waits; one read, no lock. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** The owner: moves posts into the batch, as many as fit. */
  public synchronized void drainTo(Completions out) {
    while (count > 0 && !out.isFull()) {
      out.put(Operation.POST, tokens[head], values[head], false, 0, null, null);
      head = (head + 1) % tokens.length;
      count = count - 1;
    }
  }

  /** From now on nothing is taken, so that nobody believes in a post that no await will bring. */
  public synchronized void close() {
    closed = true;
  }

  private void grow() {
    int old = tokens.length;
    long[] newTokens = Arrays.copyOf(tokens, old * 2);
    int[] newValues = Arrays.copyOf(values, old * 2);
    for (int i = 0; i < old; i++) {
      newTokens[i] = tokens[(head + i) % old];
      newValues[i] = values[(head + i) % old];
    }
    tokens = newTokens;
    values = newValues;
    head = 0;
  }
}
