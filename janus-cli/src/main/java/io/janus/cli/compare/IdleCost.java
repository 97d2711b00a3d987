package io.janus.cli.compare;

import java.util.Arrays;

/**
 * What one idle connection costs a server's process, measured several times; the kernel's own memory for a socket is not in it.
 *
 * @param connections by how many it was measured
 * @param heap bytes on the heap after a collection, of each pass
 * @param outside bytes resident outside the heap, of each pass; below 0 where the process gave memory back meanwhile
 */
public record IdleCost(int connections, double[] heap, double[] outside) {

  /** Copies, and sorts. */
  public IdleCost {
    heap = sorted(heap);
    outside = sorted(outside);
  }

  @Override
  public double[] heap() {
    return heap.clone();
  }

  @Override
  public double[] outside() {
    return outside.clone();
  }

  /** The largest counts: tables that grew before and caches emptied meanwhile make a pass look small. */
  public double heapBytes() {
    return heap[heap.length - 1];
  }

  /** The median counts: the compiler's own memory makes a pass look large, what it gives back makes one look small. */
  public double nativeBytes() {
    int middle = outside.length / 2;
    return outside.length % 2 == 1 ? outside[middle] : (outside[middle - 1] + outside[middle]) / 2;
  }

  /** Half of what the passes differ by. */
  public double nativeNoise() {
    return (outside[outside.length - 1] - outside[0]) / 2;
  }

  /** True if what was found outside the heap is more than the passes differ by. Memory given back meanwhile is no cost. */
  public boolean isNativeAboveNoise() {
    return nativeBytes() > nativeNoise();
  }

  /** What can be told from noise: the heap, and the memory outside it only if that is above its noise. */
  public double bytes() {
    return heapBytes() + (isNativeAboveNoise() ? nativeBytes() : 0);
  }

  private static double[] sorted(double[] passes) {
    if (passes.length == 0) {
      throw new IllegalArgumentException("an idle connection's cost needs a pass");
    }
    double[] copy = passes.clone();
    Arrays.sort(copy);
    return copy;
  }
}
