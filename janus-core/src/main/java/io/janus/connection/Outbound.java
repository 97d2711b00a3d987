package io.janus.connection;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.socket.Sockets;
import java.util.Arrays;

/**
 * Segments of one connection that wait to be written, in order. A segment in flight never grows or moves. A new one is copied into
 * the last that is not in flight if that has room, so of two neighbours the bytes together are always more than a buffer holds,
 * save at the head, which may be sent in part, and behind what is in flight: the memory is at most twice the bytes and three buffers.
 */
final class Outbound {
  private Buffer[] segments = new Buffer[4];
  private int head;
  private int count;
  private long bytes;

  /** What is known of how the peer takes these bytes; begins when the first of them is queued. */
  final Progress progress = new Progress();

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

  /** Takes a buffer from its owner; an empty one goes straight back to its pool. */
  void add(Buffer buffer, long now) {
    int size = buffer.readable();
    Buffer last = count == 0 ? null : segments[at(count - 1)];
    if (last == null) {
      progress.begin(now);
    }
    if (size == 0 || (last != null && copyInto(last, count > 1, buffer))) {
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
    joinBehind(inFlight);
    inFlight = 0;
  }

  /** While the last segment was in flight the next one could not be copied into it; otherwise each send would leave such a gap. */
  private void joinBehind(int landed) {
    boolean atHead = landed < 2 || Custody.readable(segments[at(landed - 2)]) == 0;
    if (atHead || count == landed) {
      return;
    }
    Buffer next = segments[at(landed)];
    if (Custody.append(segments[at(landed - 1)], true, next)) {
      for (int i = landed; i < count - 1; i++) {
        segments[at(i)] = segments[at(i + 1)];
      }
      count--;
      clearSlot(at(count));
      Custody.giveBack(next);
      next.release();
    }
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

  /**
   * What a sender skipped in front makes way. The head's used up front does not, for it would be moved once for each part that is sent.
   */
  private static boolean copyInto(Buffer last, boolean mayMove, Buffer buffer) {
    return Custody.of(last) == Custody.QUEUED && Custody.append(last, mayMove, buffer);
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
