package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;

/** A poller under test, and the ways to look at what it reports. */
class PollerTest extends ContractTest {
  static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  static final long TOKEN = 0x1234_5678_9abcL;
  static final int BATCH = 64;

  final Counters counters = new Counters();
  final Ready ready = new Ready(BATCH);
  Poller poller;

  @BeforeEach
  void openPoller() throws OsException {
    poller = use(world.poller(BATCH, counters));
  }

  /** The bits reported for the token by one look. */
  final int look(long token) {
    poller.await(ready, 0);
    return bitsOf(token);
  }

  /** Awaits until the token is reported, and returns its bits. */
  final int awaitToken(long token) {
    int[] bits = new int[1];
    Wait.until("token " + token + " is reported", () -> {
      poller.await(ready, SECOND);
      bits[0] = bitsOf(token);
      return bits[0] != 0;
    }, () -> {});
    return bits[0];
  }

  /** Looks several times and finds that the poller reports nothing at all. */
  final void staysQuiet() {
    for (int i = 0; i < 5; i++) {
      world.letTimePass();
      assertThat(poller.await(ready, TimeUnit.MILLISECONDS.toNanos(1)))
          .as("events while nothing happens")
          .isZero();
    }
  }

  /** Removes, and waits for the last event where the poller does not let a socket go at once; then it can be closed. */
  final void removeNow(long registration, long token) {
    if (!poller.remove(registration)) {
      Wait.until("the registration is gone", () -> (look(token) & Ready.GONE) != 0,
          world::letTimePass);
    }
  }

  final int bitsOf(long token) {
    int bits = 0;
    for (int i = 0; i < ready.count(); i++) {
      if (ready.token(i) == token) {
        bits |= ready.bits(i);
      }
    }
    return bits;
  }

  final long staleEvents() {
    return counters.get(Counter.STALE_EVENTS);
  }
}
