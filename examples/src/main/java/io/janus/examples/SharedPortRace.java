package io.janus.examples;

import io.janus.buffer.Buffer;
import io.janus.completion.Operation;
import io.janus.completion.SharedPort;

/**
 * The race of two workers in one connection's read handler, as it was described for IOCP: a handler decides to read more and
 * submits the next receive before it has done with this one; that receive ends at once, another worker takes its completion and
 * calls the same handler. The bytes are then handled in whatever order the two threads get on. {@link SharedPortCure} is the same
 * server without the race. Runs differ, and one may not show it. Arguments, all optional: ENGINE
 * CONNECTIONS KIB-EACH WORKERS.
 */
public final class SharedPortRace {
  private SharedPortRace() {}

  /** Runs until all bytes are through, and tells what was seen. */
  public static void main(String[] args) throws Exception {
    int connections = Arguments.connections(args, 0, 16);
    int kib = Arguments.number(args, 1, 256);
    int workers = Arguments.workers(args, 2, 2);
    StreamCheck.Tally tally = new StreamCheck.Tally();
    try (WorkerPool pool =
        new WorkerPool(Arguments.engine(args), connections, workers, 1,
            (port, handle, token) -> new Racing(port, handle, token, tally))) {
      if (!StreamClient.run(pool, connections, kib * 1024L, 0, connections)) {
        pool.throwFailure();
        System.exit(1);
      }
      pool.awaitEnd();
      System.out.println("race over " + pool.kernel() + ": " + tally);
      if (workers > 1 && tally.overlaps.sum() + tally.disordered.sum() == 0) {
        System.out.println(
            "it did not show this time, which proves nothing: run it again, or with larger arguments, such as "
                + Arguments.engine(args) + " 16 1024");
      }
    }
  }

  private record Racing(SharedPort port, long handle, long token, StreamCheck check)
      implements
        WorkerPool.Served {
    Racing(SharedPort port, long handle, long token, StreamCheck.Tally tally) {
      this(port, handle, token, new StreamCheck(tally));
    }

    @Override
    public void done(Operation operation, int result, Buffer buffer) {
      if (result <= 0) {
        WorkerPool.taken(port.close(handle, token));
        return;
      }
      // Here it happens: from now on another worker can be in the next line but one, for the bytes that come after these.
      WorkerPool.taken(port.receive(handle, 0, token));
      check.handle(buffer);
      buffer.release();
    }
  }
}
