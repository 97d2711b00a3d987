package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The hands of a kernel that knows memory by its address only. It finds the buffer there and requires that it is the kernel's at that
 * moment: a buffer that was given back too early shows at the first byte, and not only when it has done harm.
 */
final class SimGuard {
  private final Checks checks;

  /** By the address of its first byte; memory that is in none of them is nobody's business here. */
  private final TreeMap<Long, Buffer> buffers = new TreeMap<>();

  /**
   * @param pool fresh, or empty of what is looked for
   */
  SimGuard(Checks checks, BufferPool pool, int mostBuffers) {
    this.checks = checks;
    if (pool.capacity() <= mostBuffers) {
      learn(pool);
    }
  }

  /** Takes every buffer once to know its place. */
  private void learn(BufferPool pool) {
    List<Buffer> all = new ArrayList<>();
    for (Buffer each = pool.acquire(); each != null; each = pool.acquire()) {
      all.add(each);
      buffers.put(Custody.memory(each).address(), each);
    }
    all.forEach(Buffer::release);
  }

  /** The kernel reads or writes here now. */
  void require(long address, int bytes, byte custody) {
    Map.Entry<Long, Buffer> found = buffers.floorEntry(address);
    if (found == null
        || address >= found.getKey() + Custody.memory(found.getValue()).byteSize()) {
      return;
    }
    Buffer buffer = found.getValue();
    checks.require(
        Custody.of(buffer) == custody,
        "the kernel works on memory that is not its own any more: " + buffer);
    checks.require(
        address + bytes <= found.getKey() + Custody.memory(buffer).byteSize(),
        "the kernel was given " + bytes + " bytes that reach out of " + buffer);
  }

  void write(byte[] from, long address, int bytes) {
    require(address, bytes, Custody.RECEIVE);
    MemorySegment.copy(from, 0, at(address, bytes), JAVA_BYTE, 0, bytes);
  }

  void read(long address, int bytes, byte[] to, int at) {
    require(address, bytes, Custody.SEND);
    MemorySegment.copy(at(address, bytes), JAVA_BYTE, 0, to, at, bytes);
  }

  static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }
}
