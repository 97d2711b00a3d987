package io.janus.emulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The handles of one emulated port, by slot and generation; objects stay with their slot. */
final class HandleTable {
  private static final int NO_SLOT = -1;

  private PollingHandle[] slots = new PollingHandle[0];
  private int free = NO_SLOT;

  PollingHandle take(long socket) {
    if (free == NO_SLOT) {
      grow();
    }
    PollingHandle handle = slots[free];
    free = handle.nextFree;
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
    if (id <= 0 || slot < 0 || slot >= slots.length) {
      return null;
    }
    PollingHandle handle = slots[slot];
    return handle.open && handle.id() == id ? handle : null;
  }

  PollingHandle[] all() {
    return slots;
  }

  private void grow() {
    int old = slots.length;
    slots = Arrays.copyOf(slots, Math.max(16, old + (old >> 1)));
    for (int slot = slots.length - 1; slot >= old; slot--) {
      slots[slot] = new PollingHandle(slot);
      slots[slot].nextFree = free;
      free = slot;
    }
  }
}
