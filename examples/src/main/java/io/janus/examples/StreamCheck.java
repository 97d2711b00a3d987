package io.janus.examples;

import io.janus.buffer.Buffer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The read handler of one connection, as far as the race is concerned: it works a little, then looks whether the bytes are those
 * that must come next. It counts what it sees, so it uses atomics where a handler of real life would be broken without a word.
 */
final class StreamCheck {
  /** What all connections of a server saw together. */
  static final class Tally {
    final LongAdder calls = new LongAdder();
    final LongAdder overlaps = new LongAdder();
    final LongAdder disordered = new LongAdder();

    /** Times that a worker found the input's turnstile busy, where the racing server would have had an overlap. */
    final LongAdder foundBusy = new LongAdder();

    /** Times that the output was handled while another worker handled the input. */
    final LongAdder bothAtOnce = new LongAdder();

    @Override
    public String toString() {
      return String.format(
          "%,d handler calls, %,d began while another one of the same connection ran, %,d bytes out of order",
          calls.sum(),
          overlaps.sum(), disordered.sum());
    }
  }

  /** One call in so many takes longer than the others, as the one that has a whole message to handle. */
  private static final int RARELY = 8;

  /** Turns of a loop that such a call takes at most; a tenth of a millisecond or two. */
  private static final int MOST_WORK = 4_000;

  private final Tally tally;
  private final AtomicInteger inside = new AtomicInteger();

  /** Added up, and not set, so that the stream is in step again after a disorder: each is counted once. */
  private final AtomicLong position = new AtomicLong();

  StreamCheck(Tally tally) {
    this.tally = tally;
  }

  /** The byte that every stream has at a place. */
  static byte byteAt(long place) {
    return (byte) ((place * 0x9E37_79B9_7F4A_7C15L) >>> 56);
  }

  /** How many bytes are not those that must stand from this place on. */
  static int wrongBytes(Buffer buffer, long from) {
    int wrong = 0;
    for (int i = 0; i < buffer.readable(); i++) {
      wrong += buffer.byteAt(i) == byteAt(from + i) ? 0 : 1;
    }
    return wrong;
  }

  /** Handles bytes that came; does not take them. */
  void handle(Buffer buffer) {
    tally.calls.increment();
    if (inside.getAndIncrement() > 0) {
      tally.overlaps.increment();
    }
    workALittle();
    tally.disordered.add(wrongBytes(buffer, position.getAndAdd(buffer.readable())));
    inside.getAndDecrement();
  }

  /** Random work: without any the window of the race would be some nanoseconds, and with it the race shows in seconds. */
  static void workALittle() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    if (random.nextInt(RARELY) == 0) {
      for (int i = random.nextInt(MOST_WORK); i > 0; i--) {
        Thread.onSpinWait();
      }
    }
  }
}
