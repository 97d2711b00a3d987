package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.socket.Address;
import org.jspecify.annotations.Nullable;

/**
 * One batch of completions, reused from await to await and valid until the next one. Its capacity bounds the batch; a
 * capacity of 1 takes exactly one, as GetQueuedCompletionStatus does.
 */
public final class Completions {
  private final long[] tokens;
  private final Operation[] kinds;
  private final int[] results;
  private final boolean[] more;
  private final long[] handles;
  private final @Nullable Buffer[] buffers;
  private final @Nullable Address[] peers;
  private int count;

  /**
   * @param capacity most completions of one await, 1 to 65,536
   */
  public Completions(int capacity) {
    if (capacity < 1 || capacity > 65_536) {
      throw new IllegalArgumentException(
          "batch of " + capacity + " completions is outside 1 to 65536");
    }
    tokens = new long[capacity];
    kinds = new Operation[capacity];
    results = new int[capacity];
    more = new boolean[capacity];
    handles = new long[capacity];
    buffers = new Buffer[capacity];
    peers = new Address[capacity];
  }

  /** Most completions of one await. */
  public int capacity() {
    return tokens.length;
  }

  /** Completions in the batch. */
  public int count() {
    return count;
  }

  /** The token given at submit or post, of completion i. */
  public long token(int i) {
    return tokens[i];
  }

  /** What ended, of completion i. */
  public Operation operation(int i) {
    return kinds[i];
  }

  /**
   * How it ended, of completion i: bytes received or sent (0 received is the peer's end), 0 for operations without bytes, the
   * value of a post, or an error of {@link io.janus.ffi.OsError} below zero.
   */
  public int result(int i) {
    return results[i];
  }

  /** True if the operation lives on and completes again; false if this was its last completion. */
  public boolean more(int i) {
    return more[i];
  }

  /** The handle of the operation, of completion i; the new connection's for an accept. */
  public long handle(int i) {
    return handles[i];
  }

  /**
   * The buffer that completion i gives back, indexes moved by the result, now the caller's: for a receive, the bytes. Null
   * where there is none. A gathered send gives all its buffers back; this is the first.
   */
  public @Nullable Buffer buffer(int i) {
    return buffers[i];
  }

  /** The peer's address, of an accept that asked for it; else null. */
  public @Nullable Address peer(int i) {
    return peers[i];
  }

  /** True if no completion fits any more; for ports. */
  public boolean isFull() {
    return count == tokens.length;
  }

  /** Empties the batch; for ports. */
  public void clear() {
    for (int i = 0; i < count; i++) {
      buffers[i] = null;
      peers[i] = null;
    }
    count = 0;
  }

  /** Appends a completion; for ports. */
  public void put(
      Operation kind,
      long token,
      int result,
      boolean again,
      long handle,
      @Nullable Buffer buffer,
      @Nullable Address peer) {
    kinds[count] = kind;
    tokens[count] = token;
    results[count] = result;
    more[count] = again;
    handles[count] = handle;
    buffers[count] = buffer;
    peers[count] = peer;
    count++;
  }
}
