package io.janus.cli.load;

import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.cli.terminal.CommandWords;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connect that only asks whether somebody accepts at an address, and ends in order, so that no server counts it as a failure. */
final class Probe implements Handler {
  private static final long PATIENCE_SECONDS = 2;

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable Connection open;
  private volatile @Nullable OsError failure;

  private Probe() {}

  /**
   * Asks and waits for the answer, but not long: who does not answer in that time does not answer. Whoever accepts and then does not end
   * is reset, since a connection that lingers holds a place among those of the load.
   */
  static Probe of(Janus janus, Address to) throws InterruptedException {
    Probe probe = new Probe();
    janus.connect(to, probe);
    Connection left = probe.ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS) ? null : probe.open;
    if (left != null) {
      try {
        left.execute(left::abort);
      } catch (RejectedExecutionException e) {
        // Its loop has ended, and the connection with it; or it takes no task now, and the connection goes at the linger time.
      }
      probe.ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    return probe;
  }

  boolean answers() {
    return open != null;
  }

  /** The answer in words. */
  String sentence(Address to) {
    if (answers()) {
      return "though " + to + " accepts new ones; look at the server's log";
    }
    OsError why = failure;
    return why == null
        ? "and " + to + " does not answer any more"
        : "and " + to + " takes no new one: "
            + CommandWords.of(why.toString());
  }

  @Override
  public void onOpen(Connection connection) {
    open = connection;
    connection.close();
  }

  @Override
  public void onData(Connection connection, Buffer buffer) {
    // Whatever a server says at once is not what was asked.
  }

  @Override
  public void onClosed(Connection connection) {
    failure = connection.failure();
    ended.countDown();
  }
}
