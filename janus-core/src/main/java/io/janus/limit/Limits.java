package io.janus.limit;

/**
 * Every bound of the engine, with its unit in the name. A bound of 0 means "none" only where the comment says so.
 *
 * @param connections most connections of one engine over all its loops; 0 = as many as the process may open descriptors
 * @param batchEvents most events of one await, 1 to 65,536
 * @param readsPerTurn most reads of one connection in one turn, 1 or more; on epoll. With completion one receive of a connection is in
 *     flight at a time and the next is submitted for the next turn: the emulation reads once a turn, io_uring fills at most two buffers
 *     a turn where the kernel (6.17 or later) bounds a repeated receive, and else what it has buffers for, up to 32
 * @param readBytesPerTurn most bytes read from one connection in one turn, 1 or more, and one buffer may go over; on epoll. With
 *     completion bufferBytes bounds them: one buffer a turn on the emulation, buffers as above on io_uring
 * @param acceptsPerTurn most connections accepted in one turn, 1 or more; on io_uring a batch bounds them. With
 *     completion it is one where there is little room below the limit of connections: for fewer than these and a batch for each listener, on
 *     io_uring than 4,417
 * @param outboundBytes bytes that may wait unsent on one connection before it refuses more, 1 or more. What is taken last may go over: one
 *     buffer, or one array of sendCopy, which is at most as long as this bound, so that below twice the bound waits. Messages share
 *     buffers, so the memory that they hold is at most twice their bytes and three buffers, whatever their sizes
 * @param bufferBytes size of one pooled buffer, 64 bytes to 16 MiB
 * @param poolBytes most native memory of one loop's buffer pool, two buffers or more; mapped as needed. 64 bytes of it lie between two
 *     neighbours
 * @param operations most operations in flight of one port, 16 or more. With completion each connection holds one while it is idle, its
 *     receive, and each listener one, its accept. A quarter is kept for sends and ends, so one loop holds three quarters as many
 *     connections and listeners: beyond that accepting pauses and a connect is BUSY, as at the limit of connections
 * @param mailboxTasks most tasks of other threads that wait for one loop; a power of two from 16 to 2^24
 * @param backlog connections that the kernel holds for a listener before they are accepted, 1 or more
 * @param acceptPauseMillis how long accepting rests after the system ran out of descriptors or memory
 * @param idleMillis a connection without a byte received or sent for so long is ended; 0 = never. A peer whose bytes wait because the pool
 *     is empty is not idle, and its time begins anew when there is a buffer; one that its handler or a full outbound queue does not read from
 *     is, for nobody looks whether it speaks: who pauses for long sets this to 0 or longer
 * @param writeMillis a connection with unsent bytes whose peer takes none for so long is aborted, at the latest a quarter of the time
 *     later. On Linux a peer takes bytes when its system acknowledges them; on Windows, for UNIX sockets, and
 *     for a direct descriptor that cannot be lent, only when the kernel takes bytes of ours, or a send ends, is seen, so there a peer has
 *     this time for each such step; 0 = never
 * @param connectMillis a connect that takes longer has failed; 0 = the system's own time
 * @param lingerMillis after our close, how long the peer may take to end as well before the connection is cut; 1 or more. It counts from
 *     the last byte on; where writeMillis is 0, or the bytes were sent without a copy, it runs also while there are some left, from the
 *     last one that the peer was seen to take (as for writeMillis, four looks in this time)
 * @param blockedMillis a loop that does not come back to its wait for so long is reported with its stack, and later if it only runs
 *     while there are more loops than processors; 0 = never
 */
public record Limits(
    int connections,
    int batchEvents,
    int readsPerTurn,
    int readBytesPerTurn,
    int acceptsPerTurn,
    int outboundBytes,
    int bufferBytes,
    long poolBytes,
    int operations,
    int mailboxTasks,
    int backlog,
    int acceptPauseMillis,
    int idleMillis,
    int writeMillis,
    int connectMillis,
    int lingerMillis,
    int blockedMillis) {

  private static final Limits DEFAULTS =
      new Limits(
          0, 256, 4, 1 << 18, 64, 1 << 16, 1 << 14, 1L << 30, 1 << 22, 1 << 14, 4096, 100, 0,
          30_000, 10_000, 5_000, 1_000);

  /** Checks every bound, so that a bad one is told where it enters. */
  public Limits {
    atLeast("connections", connections, 0);
    within("batchEvents", batchEvents, 1, 65_536);
    atLeast("readsPerTurn", readsPerTurn, 1);
    atLeast("readBytesPerTurn", readBytesPerTurn, 1);
    atLeast("acceptsPerTurn", acceptsPerTurn, 1);
    within("outboundBytes", outboundBytes, 1, 1 << 30);
    within("bufferBytes", bufferBytes, 64, 16 << 20);
    if (poolBytes < 2L * bufferBytes) {
      throw new IllegalArgumentException(
          "limit poolBytes is " + poolBytes + "; it must hold two buffers of " + bufferBytes
              + " bytes");
    }
    atLeast("operations", operations, 16);
    within("mailboxTasks", mailboxTasks, 16, 1 << 24);
    if (Integer.bitCount(mailboxTasks) != 1) {
      throw new IllegalArgumentException(
          "limit mailboxTasks is " + mailboxTasks + "; it must be a power of two");
    }
    atLeast("backlog", backlog, 1);
    atLeast("acceptPauseMillis", acceptPauseMillis, 1);
    atLeast("idleMillis", idleMillis, 0);
    atLeast("writeMillis", writeMillis, 0);
    atLeast("connectMillis", connectMillis, 0);
    atLeast("lingerMillis", lingerMillis, 1);
    atLeast("blockedMillis", blockedMillis, 0);
  }

  /** Sensible bounds for a server. */
  public static Limits defaults() {
    return DEFAULTS;
  }

  private static void atLeast(String name, int value, int least) {
    within(name, value, least, Integer.MAX_VALUE);
  }

  private static void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "limit " + name + " is " + value + "; it must be from " + least + " to " + most);
    }
  }

  /** The same with another connections. */
  public Limits withConnections(int connections) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another batchEvents. */
  public Limits withBatchEvents(int batchEvents) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another readsPerTurn. */
  public Limits withReadsPerTurn(int readsPerTurn) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another readBytesPerTurn. */
  public Limits withReadBytesPerTurn(int readBytesPerTurn) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another acceptsPerTurn. */
  public Limits withAcceptsPerTurn(int acceptsPerTurn) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another outboundBytes. */
  public Limits withOutboundBytes(int outboundBytes) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another bufferBytes. */
  public Limits withBufferBytes(int bufferBytes) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another poolBytes. */
  public Limits withPoolBytes(long poolBytes) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another operations. */
  public Limits withOperations(int operations) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another mailboxTasks. */
  public Limits withMailboxTasks(int mailboxTasks) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another backlog. */
  public Limits withBacklog(int backlog) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another acceptPauseMillis. */
  public Limits withAcceptPauseMillis(int acceptPauseMillis) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another idleMillis. */
  public Limits withIdleMillis(int idleMillis) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another writeMillis. */
  public Limits withWriteMillis(int writeMillis) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another connectMillis. */
  public Limits withConnectMillis(int connectMillis) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another lingerMillis. */
  public Limits withLingerMillis(int lingerMillis) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }

  /** The same with another blockedMillis. */
  public Limits withBlockedMillis(int blockedMillis) {
    return new Limits(connections, batchEvents, readsPerTurn, readBytesPerTurn, acceptsPerTurn,
        outboundBytes, bufferBytes, poolBytes, operations, mailboxTasks, backlog, acceptPauseMillis,
        idleMillis, writeMillis, connectMillis, lingerMillis, blockedMillis);
  }
}
