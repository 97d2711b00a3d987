package io.janus.emulation;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The handles of one emulated port, by slot and generation; objects stay with their slot. */
final class HandleTable {
  private static final int NO_SLOT = -1;

  private PollingHandle[] slots = new PollingHandle[0];
  private int free = NO_SLOT;

  /** Slots that were ever used; those behind have no object yet. */
  private int used;

  PollingHandle take(long socket) {
    PollingHandle handle;
    if (free == NO_SLOT) {
      if (used == slots.length) {
        slots = Arrays.copyOf(slots, Math.max(16, used + (used >> 1)));
      }
      handle = new PollingHandle(used);
      slots[used++] = handle;
    } else {
      handle = slots[free];
      free = handle.nextFree;
    }
    handle.begin(socket);
    return handle;
  }

  void give(PollingHandle handle) {
    handle.end();
    handle.nextFree = free;
    free = handle.slot;
  }

  @Nullable
  PollingHandle find(long id) {
    int slot = (int) id;
    if (id <= 0 || slot < 0 || slot >= used) {
      return null;
    }
    PollingHandle handle = slots[slot];
    return handle.open && handle.id() == id ? handle : null;
  }

  /** Open handles, for closing the port. */
  void forEachOpen(Consumer<PollingHandle> action) {
    for (int slot = 0; slot < used; slot++) {
      if (slots[slot].open) {
        action.accept(slots[slot]);
      }
    }
  }
}
