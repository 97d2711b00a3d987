package io.janus.readiness.afd;

import io.janus.ffi.call.Errno;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** All registrations of one poller by their slots. Changed by the poller's thread only; any thread may look a registration up. */
final class AfdTable {
  private static final int NO_SLOT = -1;

  private final AfdHandles handles;
  private final AfdSocketSet sockets = new AfdSocketSet();

  /** Grown by the owner, read by any thread that changes an interest; registrations never move. */
  private volatile AfdRegistration[] slots = new AfdRegistration[0];

  private int freeSlot = NO_SLOT;

  /** Slots that were ever used; those behind have no object yet. */
  private int used;

  AfdTable(AfdHandles handles) {
    this.handles = handles;
  }

  /** Any thread: what lives, or lived last, in the slot of the registration; null if it names no slot. */
  @Nullable
  AfdRegistration find(long id) {
    AfdRegistration[] now = slots;
    int slot = (int) id;
    return id > 0 && slot >= 0 && slot < now.length ? now[slot] : null;
  }

  boolean contains(long socket) {
    return sockets.contains(socket);
  }

  /** Registrations that have not ended. */
  int size() {
    return sockets.size();
  }

  /** Slots from 0 on that can have a registration. */
  int used() {
    return used;
  }

  AfdRegistration at(int slot) {
    return slots[slot];
  }

  /**
   * Makes sure that there is a free slot.
   *
   * @return 0 or the negative error
   */
  int reach(Errno errno) {
    if (freeSlot != NO_SLOT) {
      return 0;
    }
    int result = handles.reach(errno, used);
    if (result < 0) {
      return result;
    }
    AfdRegistration[] now = slots;
    if (used == now.length) {
      now = Arrays.copyOf(now, Math.max(16, used + (used >> 1)));
    }
    AfdRegistration registration = handles.registration(used);
    registration.nextFree = NO_SLOT;
    now[used] = registration;
    slots = now;
    freeSlot = used++;
    return 0;
  }

  /** Begins a registration in a free slot, locked. */
  AfdRegistration begin(long socket, long base, long token) {
    AfdRegistration registration = slots[freeSlot];
    freeSlot = registration.nextFree;
    sockets.add(socket);
    registration.begin(socket, base, token);
    return registration;
  }

  /** Ends a registration, which is locked and has no poll. */
  void end(AfdRegistration registration) {
    sockets.remove(registration.socket);
    registration.nextFree = freeSlot;
    freeSlot = (int) registration.id();
    registration.end();
  }
}
