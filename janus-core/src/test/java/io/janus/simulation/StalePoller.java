package io.janus.simulation;

import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * A poller that compares no generations: now and then it tells once more of a registration that is over, by the token that it had: that
 * it is ready, or, which does most harm if it is believed, that it is gone. Whoever stands above compares generations of his own and counts it
 * as stale.
 */
final class StalePoller implements Poller {
  /** Registrations that are over and of which it may tell; the last ones, whose places are taken again soon. */
  private static final int REMEMBERED = 4;

  private static final int PER_MILLE = 300;

  private final Poller below;
  private final Dice dice;
  private final Map<Long, Long> tokens = new HashMap<>();
  private final Deque<Long> over = new ArrayDeque<>();

  StalePoller(Poller below, Dice dice) {
    this.below = below;
    this.dice = dice;
  }

  @Override
  public long add(long socket, int interest, Trigger trigger, long token) {
    long registration = below.add(socket, interest, trigger, token);
    if (registration > 0) {
      tokens.put(registration, token);
    }
    return registration;
  }

  @Override
  public int change(long registration, int interest) {
    return below.change(registration, interest);
  }

  @Override
  public boolean remove(long registration) {
    Long token = tokens.remove(registration);
    boolean gone = below.remove(registration);
    if (gone && token != null) {
      isOver(token);
    }
    return gone;
  }

  private void isOver(long token) {
    over.addFirst(token);
    if (over.size() > REMEMBERED) {
      over.removeLast();
    }
  }

  @Override
  public int await(Ready out, long timeoutNanos) {
    below.await(out, timeoutNanos);
    // Only beside something true: alone it would end waits, and a loop that wakes for nothing is another defect.
    if (out.count() > 0 && out.count() < out.capacity() && !over.isEmpty()
        && dice.perMille(PER_MILLE)) {
      int bits = dice.below(2) == 0 ? Ready.GONE : Ready.READ | Ready.WRITE;
      out.put(over.peekLast(), bits);
    }
    for (int i = 0; i < out.count(); i++) {
      if ((out.bits(i) & Ready.GONE) != 0 && !over.contains(out.token(i))) {
        isOver(out.token(i));
      }
    }
    return out.count();
  }

  @Override
  public void wake() {
    below.wake();
  }

  @Override
  public int abilities() {
    return below.abilities();
  }

  @Override
  public void close() {
    below.close();
  }
}
