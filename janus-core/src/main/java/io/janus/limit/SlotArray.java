package io.janus.limit;

import java.util.Arrays;

/**
 * An array that grows by pieces, so that what is in it is never copied: an array that doubles leaves as much garbage behind as it
 * holds, and a table of a hundred thousand sockets would stop its loop for the copy. For one thread.
 *
 * @param <T> what it holds; a place that was never set holds nothing
 */
public final class SlotArray<T> {
  private static final int SHIFT = 9;

  /** Places added by each {@link #grow}. */
  public static final int PIECE = 1 << SHIFT;

  private static final int MASK = PIECE - 1;

  private Object[][] pieces = new Object[0][];

  /** Makes an empty one. */
  public SlotArray() {}

  /** What is at a place below {@link #length}; null if nothing is. */
  @SuppressWarnings({"unchecked", "NullAway"}) // Only set fills places; the caller knows which it has set.
  public T get(int index) {
    return (T) pieces[index >>> SHIFT][index & MASK];
  }

  /** Puts something at a place below {@link #length}. */
  public void set(int index, T value) {
    pieces[index >>> SHIFT][index & MASK] = value;
  }

  /** Empties a place below {@link #length}. */
  @SuppressWarnings("NullAway") // An empty place holds nothing.
  public void clear(int index) {
    pieces[index >>> SHIFT][index & MASK] = null;
  }

  /** Places there are. */
  public int length() {
    return pieces.length << SHIFT;
  }

  /** Adds a piece of places. */
  public void grow() {
    int count = pieces.length;
    pieces = Arrays.copyOf(pieces, count + 1);
    pieces[count] = new Object[PIECE];
  }
}
