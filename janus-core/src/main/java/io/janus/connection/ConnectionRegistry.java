package io.janus.connection;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one manager by slot and generation, so that a late event of a connection that is gone finds nobody. */
final class ConnectionRegistry {
  private static final int NO_SLOT = -1;
  private static final int GENERATION_MASK = 0x3fff_ffff;

  private @Nullable Connection[] slots = new Connection[0];
  private int[] generations = new int[0];

  /** The next free slot, by free slot. */
  private int[] next = new int[0];

  private int free = NO_SLOT;
  private int size;

  /** Registers a connection and gives it its token: above zero, never used before for as long as 2^30 reuses of the slot. */
  void add(Connection connection) {
    if (free == NO_SLOT) {
      grow();
    }
    int slot = free;
    free = next[slot];
    slots[slot] = connection;
    connection.token = slot | (long) generations[slot] << 32;
    size++;
  }

  void remove(Connection connection) {
    int slot = (int) connection.token;
    slots[slot] = null;
    generations[slot] = (generations[slot] + 1) & GENERATION_MASK;
    next[slot] = free;
    free = slot;
    size--;
  }

  /** The connection of a token, or null if it is gone. */
  @Nullable
  Connection find(long token) {
    int slot = (int) token;
    if (slot < 0 || slot >= slots.length || generations[slot] != (int) (token >>> 32)) {
      return null;
    }
    return slots[slot];
  }

  int size() {
    return size;
  }

  void forEach(Consumer<Connection> action) {
    for (int slot = 0; slot < slots.length; slot++) {
      Connection connection = slots[slot];
      if (connection != null) {
        action.accept(connection);
      }
    }
  }

  private void grow() {
    int old = slots.length;
    int grown = Math.max(16, old + (old >> 1));
    slots = Arrays.copyOf(slots, grown);
    generations = Arrays.copyOf(generations, grown);
    next = Arrays.copyOf(next, grown);
    for (int slot = grown - 1; slot >= old; slot--) {
      next[slot] = free;
      free = slot;
    }
  }
}
