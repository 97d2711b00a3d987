package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.socket.Sockets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Segments of one connection that wait to be written, in order. A segment in flight never grows or moves. A small new one is
 * copied behind the last that is not in flight, so that many small sends cost one buffer and not one each.
 */
final class Outbound {
  /** A segment up to this size is copied behind the last one if it fits. */
  private static final int COPY_BYTES = 2048;

  private static final long UNKNOWN = -1;

  private Buffer[] segments = new Buffer[4];
  private int head;
  private int count;
  private long bytes;

  /** When bytes were last taken, as far as anybody has told; at first when the first of them was queued. */
  private long progressAt;

  /** When the peer's system was last asked how many bytes it has acknowledged, and its answer. */
  private long askedAt;

  private long acknowledged;

  /** Segments given to a port. */
  private int inFlight;

  /** Bytes of each segment given to a port of which nobody has told yet that they are sent, and how many segments are sent. */
  private final int[] unsent = new int[Sockets.MAX_GATHER];

  private int spent;

  boolean isEmpty() {
    return count == 0;
  }

  /** Unsent bytes; the largest int if there are more, as a few buffers over large memory can be. */
  int bytes() {
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }

  /** When bytes were last taken, by the kernel or the peer's system; no earlier than the first of these was queued. */
  long progressAt() {
    return progressAt;
  }

  /** When to ask next how far the peer's system is: that long after the last progress or question. */
  long askAt(long every) {
    return Math.max(progressAt, askedAt) + every;
  }

  /** Bytes were taken. */
  void progress(long now) {
    progressAt = now;
  }

  /**
   * The peer's system has acknowledged so many bytes of the connection by now, or below zero if nobody can tell. The first answer says
   * nothing of when that was, so the time counts from it.
   *
   * @return true if it has acknowledged some since the last answer
   */
  boolean answered(long now, long acknowledgedBytes) {
    boolean known = acknowledged != UNKNOWN;
    boolean more = acknowledgedBytes > acknowledged;
    askedAt = now;
    if (more) {
      acknowledged = acknowledgedBytes;
      progress(now);
    }
    return known && more;
  }

  /** Takes a buffer from its owner; an empty one goes straight back to its pool. */
  void add(Buffer buffer, long now) {
    int size = buffer.readable();
    Buffer last = count == 0 ? null : segments[at(count - 1)];
    if (last == null) {
      progressAt = now;
      askedAt = now;
      acknowledged = UNKNOWN;
    }
    if (size == 0 || (size <= COPY_BYTES && copyBehind(last, buffer))) {
      bytes += size;
      Custody.giveBack(buffer);
      buffer.release();
      return;
    }
    Custody.give(buffer, Custody.QUEUED);
    if (count == segments.length) {
      grow();
    }
    segments[at(count)] = buffer;
    count++;
    bytes += size;
  }

  /**
   * Copies the first segments, up to the array's length, and makes them the caller's to submit.
   *
   * @return how many
   */
  int first(Buffer[] target) {
    int n = Math.min(count, target.length);
    for (int i = 0; i < n; i++) {
      target[i] = segments[at(i)];
    }
    return n;
  }

  /** The first segments go to a port, which takes them from an owner. */
  void submit(int n) {
    inFlight = n;
    spent = 0;
    for (int i = 0; i < n; i++) {
      unsent[i] = Custody.readable(segments[at(i)]);
      Custody.giveBack(segments[at(i)]);
    }
  }

  /** The port gave the submitted segments back: they wait again until {@link #sent} drops those that are used up. */
  void landed() {
    for (int i = 0; i < inFlight; i++) {
      Custody.move(segments[at(i)], Custody.QUEUED);
    }
    inFlight = 0;
  }

  /** The segments given to a port do not come back: it has given them to their pools, or keeps them for good. */
  void lose() {
    for (; inFlight > 0; inFlight--) {
      bytes -= Custody.readable(segments[head]);
      removeFirst();
    }
  }

  /** Bytes were sent and the indexes moved: drops the segments that are used up. */
  void sent(int amount) {
    bytes -= amount;
    while (count > 0 && Custody.readable(segments[head]) == 0) {
      drop();
    }
  }

  /**
   * Bytes of submitted segments were sent, and the port does not give them back yet: moves those that are used up to where they are pinned.
   * It goes by their sizes, for the port may have moved their indexes on already, by what it tells later.
   */
  void sentPinned(int amount, PinnedSends pinned, PinnedSends.Send send) {
    bytes -= amount;
    int left = amount;
    while (inFlight > 0 && left >= unsent[spent]) {
      left -= unsent[spent++];
      pinned.spend(send, segments[head]);
      inFlight--;
      removeFirst();
    }
    if (inFlight > 0) {
      unsent[spent] -= left;
    }
  }

  /** True if no segment is with a port. */
  boolean hasLanded() {
    return inFlight == 0;
  }

  /** The oldest segment. */
  Buffer first() {
    return segments[head];
  }

  /** Gives all segments back to their pools; none may be in flight. */
  void releaseAll() {
    while (count > 0) {
      drop();
    }
    bytes = 0;
  }

  private void drop() {
    Buffer buffer = segments[head];
    removeFirst();
    Custody.giveBack(buffer);
    buffer.release();
  }

  private void removeFirst() {
    clearSlot(head);
    head = (head + 1) & (segments.length - 1);
    count--;
  }

  @SuppressWarnings("NullAway") // A slot outside head and count holds nothing.
  private void clearSlot(int slot) {
    segments[slot] = null;
  }

  private static boolean copyBehind(@Nullable Buffer last, Buffer buffer) {
    if (last == null
        || Custody.of(last) != Custody.QUEUED
        || Custody.limit(last) - Custody.writeIndex(last) < buffer.readable()) {
      return false;
    }
    Custody.giveBack(last);
    last.copyIn(buffer);
    Custody.move(last, Custody.QUEUED);
    return true;
  }

  private int at(int i) {
    return (head + i) & (segments.length - 1);
  }

  private void grow() {
    int old = segments.length;
    Buffer[] more = Arrays.copyOf(segments, old * 2);
    for (int i = 0; i < old; i++) {
      more[i] = segments[at(i)];
    }
    segments = more;
    head = 0;
  }
}
