package io.janus.simulation;

import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Readiness on the simulated network, in one of two manners: epoll's (a removed registration is gone at once, edges work) or
 * AFD's (a GONE event comes later, no edges). Events wait in a queue as kernels have it, so what was true when an event was
 * collected may be over when it is delivered.
 */
final class SimPoller implements Poller {
  private final SimNetwork network;
  private final boolean afd;
  private final int batch;
  private final Counters counters;
  private final PlantedBug bug;
  private final List<SimRegistration> slots = new ArrayList<>();
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final ArrayDeque<Event> queue = new ArrayDeque<>();
  private boolean woken;
  private boolean closed;
  private int untilDrop;
  private long awaits;

  private record Event(long id, int bits) {}

  SimPoller(SimNetwork network, boolean afd, int batch, Counters counters, PlantedBug bug) {
    this.network = network;
    this.afd = afd;
    this.batch = batch;
    this.counters = counters;
    this.bug = bug;
    this.untilDrop = bug == PlantedBug.COMPLETION_DROPPED ? network.dice.between(1, 20) : 0;
  }

  @Override
  public long add(long socket, int interest, Trigger trigger, long token) {
    Interest.check(interest);
    checkOpen();
    SimSocket found = network.find(socket);
    counters.increment(Counter.CONTROL_CALLS);
    if (trigger == Trigger.EDGE && afd) {
      return ErrorCode.NOT_SUPPORTED;
    }
    if (found == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    if (slots.stream().anyMatch(slot -> slot.live && slot.socket == found)) {
      return SimErrors.EXISTS;
    }
    if (network.fails(network.faults.registerErrors, found)) {
      return SimErrors.OUT_OF_MEMORY;
    }
    if (free.isEmpty()) {
      slots.add(new SimRegistration(slots.size(), found));
      free.push(slots.size() - 1);
    }
    SimRegistration registration = slots.get(free.pop());
    registration.live = true;
    registration.leaving = false;
    registration.socket = found;
    registration.interest = interest;
    registration.trigger = trigger;
    registration.token = token;
    registration.arm();
    found.watchers++;
    return registration.id();
  }

  @Override
  public int change(long registration, int interest) {
    Interest.check(interest);
    SimRegistration found = find(registration);
    if (found == null || found.leaving) {
      return ErrorCode.NOT_FOUND;
    }
    counters.increment(Counter.CONTROL_CALLS);
    found.interest = interest;
    found.arm();
    return 0;
  }

  @Override
  public boolean remove(long registration) {
    SimRegistration found = find(registration);
    if (found == null) {
      return true;
    }
    if (found.leaving) {
      return false;
    }
    counters.increment(Counter.CONTROL_CALLS);
    // AFD has nothing to wait for when no poll is outstanding.
    if (afd && (found.interest != Interest.NONE || network.dice.below(2) == 0)) {
      found.leaving = true;
      network.after(network.delay(), () -> queue.add(new Event(registration, Ready.GONE)));
      return false;
    }
    end(found);
    return true;
  }

  @Override
  public int await(Ready out, long timeoutNanos) {
    out.clear();
    checkOpen();
    counters.increment(Counter.WAIT_CALLS);
    awaits++;
    network.tick();
    long deadline = timeoutNanos < 0 ? Long.MAX_VALUE : network.now() + timeoutNanos;
    int want = Math.min(batch, out.capacity());
    while (true) {
      collect();
      deliver(out, want);
      if (out.count() > 0 || woken || timeoutNanos == 0 || network.now() >= deadline) {
        break;
      }
      network.sleepUntil(deadline);
    }
    woken = false;
    if (!network.dice.perMille(network.faults.leftOvers)) {
      dropTrueAgain();
    }
    return out.count();
  }

  @Override
  public void wake() {
    woken = true;
  }

  @Override
  public int abilities() {
    return afd ? 0 : EDGE | FIN_EARLY;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      slots.stream().filter(slot -> slot.live).forEach(slot -> slot.socket.watchers--);
      slots.clear();
      queue.clear();
    }
  }

  /** The kernel looks at every registration, beginning anywhere, and queues what is true. */
  private void collect() {
    int size = slots.size();
    int start = size == 0 ? 0 : network.dice.below(size);
    for (int i = 0; i < size; i++) {
      SimRegistration slot = slots.get((start + i) % size);
      int bits = slot.live ? due(slot) : 0;
      if (bits != 0) {
        queue.add(new Event(slot.id(), bits));
      }
    }
  }

  private static int due(SimRegistration slot) {
    if (slot.interest == Interest.NONE || slot.leaving || !slot.armed || slot.socket.closed) {
      return 0;
    }
    int now = slot.socket.ready();
    int bits = now & slot.interest;
    if ((now & Ready.FIN) != 0 && (slot.interest & Interest.READ) != 0) {
      bits |= Ready.FIN;
    }
    if ((now & Ready.ERROR) != 0) {
      bits |= Ready.ERROR | Ready.READ | Ready.WRITE;
    }
    boolean unchanged =
        slot.readSeen == slot.socket.readEdges && slot.writeSeen == slot.socket.writeEdges;
    return slot.trigger == Trigger.EDGE && unchanged ? 0 : bits;
  }

  private void deliver(Ready out, int want) {
    while (out.count() < want && !queue.isEmpty()) {
      Event event = queue.remove();
      SimRegistration slot = addressee(event);
      if (slot == null) {
        counters.increment(Counter.STALE_EVENTS);
      } else if ((event.bits & Ready.GONE) != 0) {
        gone(slot, event, out);
      } else if (slot.armed && !slot.leaving && slot.namedIn != awaits) {
        ready(slot, event, out);
      }
    }
  }

  private void gone(SimRegistration slot, Event event, Ready out) {
    if (untilDrop > 0 && --untilDrop == 0) {
      return;
    }
    out.put(slot.token, Ready.GONE);
    network.trace.add(network.now(), "gone, token", slot.token, 0);
    if (slot.leaving) {
      end(slot);
    }
    if (network.dice.perMille(network.faults.echoes)) {
      // The packet of a poll that was cancelled twice: the second one must not reach the slot's next user.
      network.after(network.delay(), () -> queue.add(event));
      network.after(network.delay() * 8, () -> queue.add(event));
    }
  }

  /** The interest of now decides, also for an event that was collected before it changed. */
  private void ready(SimRegistration slot, Event event, Ready out) {
    int bits = event.bits;
    if ((bits & Ready.ERROR) == 0) {
      bits &= slot.interest | Ready.FIN;
    }
    if (slot.interest == Interest.NONE || (bits & (Ready.READ | Ready.WRITE)) == 0) {
      return;
    }
    slot.namedIn = awaits;
    slot.readSeen = slot.socket.readEdges;
    slot.writeSeen = slot.socket.writeEdges;
    slot.armed = slot.trigger != Trigger.ONESHOT;
    network.trace.add(network.now(), "event, token, bits", slot.token, bits);
    out.put(slot.token, bits);
  }

  /** Whom an event is for; the one place where generations are compared. */
  private @Nullable SimRegistration addressee(Event event) {
    SimRegistration slot = (int) event.id < slots.size() ? slots.get((int) event.id) : null;
    if (slot == null || !slot.live) {
      return null;
    }
    return slot.id() == event.id || bug == PlantedBug.GENERATION_CHECK_SKIPPED ? slot : null;
  }

  /** What is still true will be collected again; only last events must not get lost. */
  private void dropTrueAgain() {
    queue.removeIf(event -> (event.bits & Ready.GONE) == 0);
  }

  private @Nullable SimRegistration find(long id) {
    int slot = (int) id;
    if (id <= 0 || slot < 0 || slot >= slots.size()) {
      return null;
    }
    SimRegistration found = slots.get(slot);
    return found.live && found.id() == id ? found : null;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the poller is closed");
    }
  }

  private void end(SimRegistration slot) {
    slot.live = false;
    slot.generation++;
    slot.socket.watchers--;
    free.push(slot.slot);
  }
}
