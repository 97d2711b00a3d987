package io.janus.readiness;

/**
 * One batch of events, reused from await to await and valid until the next one. Its capacity bounds the batch.
 *
 * <p>The READ and WRITE bits are set also when the socket ended or failed, because a read or write then tells how. FIN and
 * ERROR are hints beside them; the truth is the result of the read or write.
 */
public final class Ready {
  /** Receive or accept will not wait. Same bit as {@link Interest#READ}. */
  public static final int READ = Interest.READ;

  /** Send will not wait, or a connect has ended. Same bit as {@link Interest#WRITE}. */
  public static final int WRITE = Interest.WRITE;

  /** Urgent data. Same bit as {@link Interest#URGENT}. */
  public static final int URGENT = Interest.URGENT;

  /** The peer will send no more; bytes may still wait before that end. */
  public static final int FIN = 8;

  /** The socket failed. */
  public static final int ERROR = 16;

  /** The registration is gone, after a remove that answered false; last event of its token. */
  public static final int GONE = 32;

  private final long[] tokens;
  private final int[] bits;
  private int count;

  /**
   * @param capacity most events of one await, 1 to 65,536
   */
  public Ready(int capacity) {
    if (capacity < 1 || capacity > 65_536) {
      throw new IllegalArgumentException("batch of " + capacity + " events is outside 1 to 65536");
    }
    tokens = new long[capacity];
    bits = new int[capacity];
  }

  /** Most events of one await. */
  public int capacity() {
    return tokens.length;
  }

  /** Events in the batch. */
  public int count() {
    return count;
  }

  /** The token given at add, of event i. */
  public long token(int i) {
    return tokens[i];
  }

  /** What is ready, of event i. */
  public int bits(int i) {
    return bits[i];
  }

  /** Empties the batch; for pollers. */
  public void clear() {
    count = 0;
  }

  /** Appends an event; for pollers. */
  public void put(long token, int what) {
    tokens[count] = token;
    bits[count] = what;
    count++;
  }
}
