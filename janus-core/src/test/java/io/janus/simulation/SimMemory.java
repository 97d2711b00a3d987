package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The kernel's hands on buffers: it may touch a buffer only while the buffer is its own, or for the time of a call. */
final class SimMemory {
  private final Checks checks;
  private byte[] scratch = new byte[4096];

  SimMemory(Checks checks) {
    this.checks = checks;
  }

  byte[] scratch(int bytes) {
    if (scratch.length < bytes) {
      scratch = new byte[bytes];
    }
    return scratch;
  }

  /** Copies the readable bytes of buffers one behind the other into the scratch array, from a distance on. */
  int gather(Buffer[] from, int count, int skip) {
    int total = 0;
    int left = skip;
    for (int i = 0; i < count; i++) {
      requireAlive(from[i], "reads");
      int drop = Math.min(left, Custody.readable(from[i]));
      left -= drop;
      int part = Custody.readable(from[i]) - drop;
      if (scratch.length < total + part) {
        scratch = Arrays.copyOf(scratch, Math.max(scratch.length * 2, total + part));
      }
      int at = Custody.readIndex(from[i]) + drop;
      MemorySegment.copy(Custody.memory(from[i]), JAVA_BYTE, at, scratch, total, part);
      total += part;
    }
    return total;
  }

  /** Writes the scratch array's first bytes into a buffer's room; the index is the caller's to move. */
  void write(Buffer to, int bytes) {
    requireAlive(to, "writes");
    MemorySegment.copy(
        scratch, 0, Custody.memory(to), JAVA_BYTE, Custody.writeIndex(to), bytes);
  }

  /** For a kernel that works on its own time: the buffer must be in this operation's custody. */
  void requireCustody(Buffer buffer, byte custody) {
    checks.require(
        Custody.of(buffer) == custody,
        "the kernel works on memory that is not its own any more: " + buffer);
  }

  private void requireAlive(Buffer buffer, String does) {
    checks.require(
        Custody.of(buffer) != Custody.POOLED,
        "the kernel " + does + " memory of a released buffer: " + buffer);
  }
}
