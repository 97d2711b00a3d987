package io.janus.examples;

/**
 * The server of {@link SharedPortRace} with a turnstile for each direction of each connection, echoing: no overlap, no byte out of
 * order, no lock, and the input and output of one connection go on at the same time. Arguments,
 * all optional: ENGINE CONNECTIONS KIB-EACH WORKERS BATCH ACTIVE, the last being how many connections have bytes on their way at a
 * time: few by default, so that the next bytes of a connection come while its last are still handled.
 */
public final class SharedPortCure {
  /** Bytes of a connection that are on their way at once: several receives' worth, so that the race would be there. */
  static final int WINDOW = 1400;

  private SharedPortCure() {}

  /** Runs until all bytes are through, and tells what was seen; fails if it was not what was promised. */
  public static void main(String[] args) throws Exception {
    int connections = Arguments.connections(args, 0, 10_000);
    int kib = Arguments.number(args, 1, 4);
    int workers = Arguments.workers(args, 2, 2);
    int batch = Arguments.number(args, 3, 1);
    int active = Arguments.number(args, 4, 16);
    StreamCheck.Tally tally = new StreamCheck.Tally();
    boolean echoed =
        serve(Arguments.engine(args), connections, kib, workers, batch, active, tally) != null;
    if (!echoed && tally.calls.sum() == 0) {
      // The client could not even begin, and has said why.
      System.exit(1);
    }
    System.out.println("cure: " + tally);
    System.out.printf(
        "cure: %,d times a worker found the input busy and left its bytes there, %,d times the output was handled while"
            + " the input was%n",
        tally.foundBusy.sum(), tally.bothAtOnce.sum());
    if (!echoed || tally.overlaps.sum() + tally.disordered.sum() > 0) {
      System.exit(1);
    }
  }

  /** Serves a client until it has ended; null if the client was not content. */
  static TakeLog serve(
      String engine,
      int connections,
      int kib,
      int workers,
      int batch,
      int active,
      StreamCheck.Tally tally)
      throws Exception {
    try (WorkerPool pool =
        new WorkerPool(engine, connections, workers, batch,
            (port, handle, token) -> new CuredConnection(port, handle, token, tally))) {
      if (!StreamClient.run(pool, connections, kib * 1024L, WINDOW, active)) {
        pool.throwFailure();
        return null;
      }
      pool.awaitEnd();
      System.out.println("served over " + pool.kernel());
      return pool.log();
    }
  }
}
