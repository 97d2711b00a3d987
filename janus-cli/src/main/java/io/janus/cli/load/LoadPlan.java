package io.janus.cli.load;

import io.janus.socket.Address;

/**
 * What load to put on whom.
 *
 * @param to the echo server
 * @param connections active connections, 1 or more
 * @param messageBytes size of each message
 * @param depth most messages of one connection that wait for their answer
 * @param ratePerSecond messages over all connections at a constant rate (open loop), or 0: each answer brings the next
 *     message (closed loop)
 * @param idle connections beside the active ones that send nothing
 * @param verify checks every byte that comes back, and at the end that every idle connection still echoes
 * @param engine the client's own
 * @param loops the client's event loops, 1 or more
 * @param directDescriptors the client's connections live in the tables of its rings
 */
public record LoadPlan(
    Address to,
    int connections,
    int messageBytes,
    int depth,
    int ratePerSecond,
    int idle,
    boolean verify,
    String engine,
    int loops,
    boolean directDescriptors) {
  /** Most messages of one connection that wait for their answer. */
  public static final int MOST_DEPTH = 1 << 16;
  private static final long MOST_OUTSTANDING_BYTES = 64 << 20;

  /** Checks what the parts allow together. */
  public LoadPlan {
    if (connections < 1) {
      throw new IllegalArgumentException(
          "number of connections is " + connections + "; it must be 1 or more");
    }
    if (depth < 1 || depth > MOST_DEPTH) {
      throw new IllegalArgumentException(
          "depth is " + depth + "; it must be from 1 to " + MOST_DEPTH);
    }
    if ((long) depth * messageBytes > MOST_OUTSTANDING_BYTES) {
      throw new IllegalArgumentException(
          "depth " + depth + " with messages of " + messageBytes
              + " bytes is above the limit of 64 MiB on the way for one connection; lower --depth or --size");
    }
  }

  /** True for a constant rate. */
  public boolean isOpenLoop() {
    return ratePerSecond > 0;
  }

  /** Bytes that may be on the way for one connection. */
  int outstandingBytes() {
    return depth * messageBytes;
  }
}
