package io.janus.buffer;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Who has a buffer now, and the moves between owners. Applications never need this class: it is for whoever implements a
 * port or a manager and takes buffers over from its callers. Each move is one byte store on the owner's thread.
 */
public final class Custody {
  /** The caller's: may be read, written, given away and released. */
  public static final byte OWNED = 0;

  /** Lent to a handler for the time of one callback: may be read and written, sent, or kept. */
  public static final byte LENT = 1;

  /** In its pool; nobody's. */
  public static final byte POOLED = 2;

  /** Waiting in a connection's outbound queue. */
  public static final byte QUEUED = 3;

  /** The kernel's, for a receive in flight. */
  public static final byte RECEIVE = 4;

  /** The kernel's, for a send in flight. */
  public static final byte SEND = 5;

  /** The kernel's, for an option call in flight. */
  public static final byte OPTION = 6;

  private static final String[] WORDS = {
    "owned", "lent", "released", "queued for sending", "given to a receive", "given to a send",
    "given to an option call"
  };

  private Custody() {}

  /**
   * Takes a buffer from its owner for an operation.
   *
   * @throws IllegalStateException if the caller does not have it, naming who does
   * @throws NullPointerException if it is missing
   */
  public static void give(Buffer buffer, byte to) {
    Objects.requireNonNull(buffer, "buffer").give(to);
  }

  /**
   * Takes several buffers from their owner, all or none.
   *
   * @param count at most 64
   * @throws IllegalStateException if the caller does not have one, or names one twice
   * @throws NullPointerException if one is missing
   */
  public static void giveAll(Buffer[] buffers, int count, byte to) {
    for (int i = 0; i < count; i++) {
      Objects.requireNonNull(buffers[i], "buffer").checkGivable();
    }
    int given = 0;
    long lent = 0;
    try {
      for (; given < count; given++) {
        lent |= buffers[given].custody == LENT ? 1L << given : 0;
        buffers[given].give(to);
      }
    } catch (IllegalStateException twice) {
      for (int i = 0; i < given; i++) {
        buffers[i].custody = (lent >>> i & 1) == 0 ? OWNED : LENT;
      }
      throw twice;
    }
  }

  /**
   * What whoever sends several buffers as one must have given, found before anything is taken.
   *
   * @throws IllegalArgumentException if the number is not 1 to the most, or above that of the buffers
   * @throws NullPointerException if the array or one of the buffers is missing
   */
  public static void checkGather(Buffer[] from, int count, int most) {
    Objects.requireNonNull(from, "from");
    if (count < 1 || count > most || count > from.length) {
      throw new IllegalArgumentException(
          "a gathered send takes 1 to " + most + " buffers, not " + count
              + (count > from.length ? "; the array has " + from.length : ""));
    }
    for (int i = 0; i < count; i++) {
      Objects.requireNonNull(from[i], "buffer");
    }
  }

  /** Moves a buffer that is given away already on to the next holder. */
  public static void move(Buffer buffer, byte to) {
    buffer.custody = to;
  }

  /** Gives a buffer back to the application after an operation. */
  public static void giveBack(Buffer buffer) {
    buffer.custody = OWNED;
  }

  /** Gives all buffers of a gathered operation back. */
  public static void giveBackAll(Buffer[] buffers, int count) {
    for (int i = 0; i < count; i++) {
      giveBack(buffers[i]);
    }
  }

  /** Lends an owned buffer to a handler. */
  public static void lend(Buffer buffer) {
    buffer.custody = LENT;
  }

  /** Takes a buffer from its owner or from a handler it is lent to, and gives it back to its pool. */
  public static void drop(Buffer buffer) {
    buffer.give(QUEUED);
    giveBack(buffer);
    buffer.release();
  }

  /** Ends a loan: true if the handler left the buffer with the lender, false if it kept or sent it. */
  public static boolean endLoan(Buffer buffer) {
    if (buffer.custody != LENT) {
      return false;
    }
    buffer.revokeViews();
    buffer.custody = OWNED;
    return true;
  }

  /** Who has the buffer. */
  public static byte of(Buffer buffer) {
    return buffer.custody;
  }

  /** The memory itself, unchecked, for the holder of the buffer. */
  public static MemorySegment memory(Buffer buffer) {
    return buffer.memory;
  }

  /** Index of the first readable byte, for the holder. */
  public static int readIndex(Buffer buffer) {
    return buffer.readIndex;
  }

  /** Index behind the last readable byte, for the holder. */
  public static int writeIndex(Buffer buffer) {
    return buffer.writeIndex;
  }

  /** End of the writable room, for the holder. */
  public static int limit(Buffer buffer) {
    return buffer.limit;
  }

  /** Readable bytes, for the holder. */
  public static int readable(Buffer buffer) {
    return buffer.writeIndex - buffer.readIndex;
  }

  /** Readable bytes of several buffers, for the holder. */
  public static long readable(Buffer[] buffers, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += readable(buffers[i]);
    }
    return sum;
  }

  /** Moves the end of the readable bytes after a receive of the holder. */
  public static void received(Buffer buffer, int bytes) {
    buffer.writeIndex += bytes;
  }

  /** Moves the start of the readable bytes after a send of the holder. */
  public static void sent(Buffer buffer, int bytes) {
    buffer.readIndex += bytes;
  }

  /**
   * Moves all readable bytes of a buffer behind those of another one of a pool, if that has room for them, also beyond its limit. For the
   * holder of both.
   *
   * @param mayMove whether the target's own bytes may be moved to its start to make room
   * @return false if nothing was moved: there is no room, or the target's memory is not a pool's and what lies behind its bytes not ours
   */
  public static boolean append(Buffer target, boolean mayMove, Buffer source) {
    int bytes = readable(source);
    int room = target.capacity() - (mayMove ? readable(target) : target.writeIndex);
    if (target.pool == null || room < bytes) {
      return false;
    }
    if (target.capacity() - target.writeIndex < bytes) {
      MemorySegment.copy(target.memory, target.readIndex, target.memory, 0, readable(target));
      target.writeIndex -= target.readIndex;
      target.readIndex = 0;
    }
    target.limit = target.capacity();
    MemorySegment.copy(source.memory, source.readIndex, target.memory, target.writeIndex, bytes);
    target.writeIndex += bytes;
    source.readIndex += bytes;
    return true;
  }

  /** Spreads the bytes of one gathered send over its buffers; a result below one changes nothing. */
  public static void sent(Buffer[] buffers, int count, int bytes) {
    int left = bytes;
    for (int i = 0; i < count && left > 0; i++) {
      int part = Math.min(left, readable(buffers[i]));
      sent(buffers[i], part);
      left -= part;
    }
  }

  static String word(byte custody) {
    return WORDS[custody];
  }
}
