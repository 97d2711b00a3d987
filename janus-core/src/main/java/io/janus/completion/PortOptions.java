package io.janus.completion;

/**
 * How a completion port is opened, beside its limits.
 *
 * @param tryFirst an emulation tries an operation before it waits for readiness, else it waits first; a native port has no such choice
 * @param directDescriptors size of the ring's own table of sockets, at most the limit of descriptors of the process; 0 = sockets of the
 *     process; io_uring only
 * @param zeroCopyBytes sends of so many bytes and more are not copied into the kernel, and give their buffers back only when the peer has them;
 *     0 = all are copied; io_uring only
 * @param skipPackets what is done at once needs no packet, where the socket allows that; false = everything has its packet, for
 *     comparing the two; completion ports of Windows only
 */
public record PortOptions(
    boolean tryFirst, int directDescriptors, int zeroCopyBytes, boolean skipPackets) {

  /** Checks the numbers. */
  public PortOptions {
    if (directDescriptors < 0 || directDescriptors > 1 << 20) {
      throw new IllegalArgumentException(
          "a table of " + directDescriptors
              + " direct descriptors is outside 0 (none) to 1048576, the kernel's limit");
    }
    if (zeroCopyBytes < 0) {
      throw new IllegalArgumentException(
          "zeroCopyBytes is " + zeroCopyBytes + "; it must be 0 (off) or more");
    }
  }

  /** What runs everywhere: sockets of the process, sends copied, tried before waited for. */
  public static PortOptions defaults() {
    return new PortOptions(true, 0, 0, true);
  }

  /** The same with the other order of trying and waiting. */
  public PortOptions withTryFirst(boolean first) {
    return new PortOptions(first, directDescriptors, zeroCopyBytes, skipPackets);
  }

  /** The same with connections in a table of the ring, of this size; 0 = sockets of the process. */
  public PortOptions withDirectDescriptors(int table) {
    return new PortOptions(tryFirst, table, zeroCopyBytes, skipPackets);
  }

  /** The same with sends of so many bytes and more not copied into the kernel; 0 = all are copied. */
  public PortOptions withZeroCopyBytes(int bytes) {
    return new PortOptions(tryFirst, directDescriptors, bytes, skipPackets);
  }

  /** The same with packets for what is done at once, or without. */
  public PortOptions withSkipPackets(boolean skip) {
    return new PortOptions(tryFirst, directDescriptors, zeroCopyBytes, skip);
  }
}
