package io.janus.cli.load;

import io.janus.buffer.Buffer;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * The bytes of every connection: what stands at a place of a stream follows from the connection's number and the place, so a
 * lost, doubled or swapped byte shows. The period is a prime, so that no power of two can hide a loss.
 */
final class BytePattern {
  private static final int PERIOD = 65_521;
  private static final int STRIDE = 40_503;
  private static final int SEED = 20_250_916;

  private final byte[] bytes;
  private final MemorySegment segment;

  /**
   * @param mostBytes most bytes of one fill or check
   */
  BytePattern(int mostBytes) {
    byte[] period = new byte[PERIOD];
    new SplittableRandom(SEED).nextBytes(period);
    bytes = new byte[PERIOD + mostBytes];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = period[i % PERIOD];
    }
    segment = MemorySegment.ofArray(bytes);
  }

  /** Appends the next bytes of a stream. */
  void fill(Buffer buffer, int connection, long place, int count) {
    buffer.copyIn(bytes, start(connection, place), count);
  }

  /** Distance of the first readable byte that is not the stream's, or −1. */
  long mismatch(Buffer buffer, int connection, long place) {
    int from = buffer.readIndex();
    int start = start(connection, place);
    return MemorySegment.mismatch(
        buffer.segment(), from, buffer.writeIndex(), segment, start,
        start + (long) buffer.readable());
  }

  /** The byte that must stand at a place of a stream. */
  int at(int connection, long place) {
    return bytes[start(connection, place)] & 0xff;
  }

  private static int start(int connection, long place) {
    return (int) ((place + (long) connection * STRIDE) % PERIOD);
  }
}
