package io.janus.examples;

/**
 * What the size of a worker's batch does to the other workers: the server of {@link SharedPortCure} with batches of 1, 64 and
 * 256, and how its completions spread. Arguments, all optional: ENGINE CONNECTIONS KIB-EACH WORKERS.
 */
public final class SharedPortFairness {
  private static final int[] BATCHES = {1, 64, 256};

  private SharedPortFairness() {}

  /** Runs each in turn and prints the table. */
  public static void main(String[] args) throws Exception {
    int connections = Arguments.connections(args, 0, 512);
    int kib = Arguments.number(args, 1, 32);
    int workers = Arguments.workers(args, 2, 4);
    StringBuilder table = new StringBuilder();
    table.append(
        "| batch | completions | per take | busiest / least busy worker, % of all | busiest in 1,000 in a row, % |"
            + " stretch of one worker, mean / longest | held beside an idle worker, % |\n");
    table.append("| --- | --- | --- | --- | --- | --- | --- |\n");
    for (int batch : BATCHES) {
      TakeLog log = SharedPortCure.serve(Arguments.engine(args), connections, kib, workers, batch,
          connections, new StreamCheck.Tally());
      if (log == null) {
        System.exit(1);
      }
      double[] shares = log.shares();
      table.append(String.format("| %d | %,d | %.1f | %.0f / %.0f | %.0f | %.1f / %,d | %.1f |%n",
          batch, log.completions(), log.completionsPerTake(), shares[0], shares[1],
          log.largestShare(), log.meanStretch(), log.longestStretch(), log.heldBesideIdle()));
    }
    System.out.print(table);
  }
}
