package io.janus.completion;

import io.janus.limit.SlotArray;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The handles of one port, by slot and generation, so that a handle that was closed never means its successor. For whoever
 * implements a port.
 *
 * @param <H> what the backend keeps for each handle
 */
public final class HandleTable<H extends Handle> {
  private static final int NO_SLOT = -1;

  private final IntFunction<H> maker;
  private final SlotArray<H> slots = new SlotArray<>();
  private int free = NO_SLOT;

  /** Slots that were ever used; those behind have no object yet. */
  private int used;

  /**
   * @param maker makes the object of a slot that is used for the first time
   */
  public HandleTable(IntFunction<H> maker) {
    this.maker = maker;
  }

  /** Takes a slot; the backend sets its own part. */
  public H take() {
    H handle;
    if (free == NO_SLOT) {
      if (used == slots.length()) {
        slots.grow();
      }
      handle = maker.apply(used);
      slots.set(used++, handle);
    } else {
      handle = slots.get(free);
      free = handle.nextFree;
    }
    handle.begin();
    return handle;
  }

  /** Frees the slot; the handle's name means nothing from now on. */
  public void give(H handle) {
    handle.end();
    handle.nextFree = free;
    free = handle.slot();
  }

  /** The handle of a name, or null if it is closed. */
  public @Nullable H find(long id) {
    int slot = (int) id;
    if (id <= 0 || slot < 0 || slot >= used) {
      return null;
    }
    H handle = slots.get(slot);
    return handle.isOpen() && handle.id() == id ? handle : null;
  }

  /** Open handles, for closing the port. */
  public void forEachOpen(Consumer<H> action) {
    for (int slot = 0; slot < used; slot++) {
      H handle = slots.get(slot);
      if (handle.isOpen()) {
        action.accept(handle);
      }
    }
  }
}
