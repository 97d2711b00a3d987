package io.janus.cli.compare;

/**
 * What one idle connection costs a server's process; the kernel's own memory for a socket is not in it.
 *
 * @param connections by how many it was measured
 * @param heapBytes on the heap after a collection
 * @param nativeBytes resident outside the heap
 */
public record IdleCost(int connections, double heapBytes, double nativeBytes) {
  /** Both together. */
  public double bytes() {
    return heapBytes + nativeBytes;
  }
}
