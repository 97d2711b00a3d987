package io.janus.cli.load;

import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connect that only asks whether somebody accepts at an address. */
final class Probe implements Handler {
  private static final long PATIENCE_SECONDS = 2;

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean answered;
  private volatile @Nullable OsError failure;

  private Probe() {}

  /** Asks and waits for the answer, but not long: who does not answer in that time does not answer. */
  static Probe of(Janus janus, Address to) throws InterruptedException {
    Probe probe = new Probe();
    janus.connect(to, probe);
    probe.ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return probe;
  }

  boolean answers() {
    return answered;
  }

  /** The answer in words. */
  String sentence(Address to) {
    if (answered) {
      return "though " + to + " accepts new ones; look at the server's log";
    }
    OsError why = failure;
    return why == null
        ? "and " + to + " does not answer any more"
        : "and " + to + " takes no new one: " + why;
  }

  @Override
  public void onOpen(Connection connection) {
    answered = true;
    // A close in order would wait for the server's end, and hold a place among the connections meanwhile.
    connection.abort();
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
