package io.janus.connection;

import io.janus.limit.SlotArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one manager by slot and generation, so that a late event of a connection that is gone finds nobody. */
final class ConnectionRegistry {
  /** How many events ahead a manager touches connections: few enough to be in the cache still when their turn comes. */
  static final int AHEAD = 16;

  private static final int NO_SLOT = -1;
  private static final int GENERATION_MASK = 0x3fff_ffff;

  private final SlotArray<Connection> slots = new SlotArray<>();

  /** The generation of each slot and, while it is free, the next free one; in pieces as the slots are. */
  private final List<int[]> generations = new ArrayList<>();

  private final List<int[]> next = new ArrayList<>();

  private int free = NO_SLOT;
  private int size;

  /** Keeps the compiler from dropping the reads of {@link #touch}. */
  int touched;

  /** Registers a connection and gives it its token: zero or above, never used before for as long as 2^30 reuses of the slot. */
  void add(Connection connection) {
    if (free == NO_SLOT) {
      grow();
    }
    int slot = free;
    free = next.get(slot / SlotArray.PIECE)[slot % SlotArray.PIECE];
    slots.set(slot, connection);
    connection.token =
        slot | (long) generations.get(slot / SlotArray.PIECE)[slot % SlotArray.PIECE] << 32;
    size++;
  }

  void remove(Connection connection) {
    int slot = (int) connection.token;
    slots.clear(slot);
    int[] piece = generations.get(slot / SlotArray.PIECE);
    int at = slot % SlotArray.PIECE;
    piece[at] = (piece[at] + 1) & GENERATION_MASK;
    next.get(slot / SlotArray.PIECE)[at] = free;
    free = slot;
    size--;
  }

  /** The connection of a token, or null if it is gone. */
  @Nullable
  Connection find(long token) {
    int slot = (int) token;
    if (slot < 0 || slot >= slots.length()) {
      return null;
    }
    // The connection's own token is asked, not the table of generations: one cache line less for every event.
    Connection connection = slots.get(slot);
    return connection != null && connection.token == token ? connection : null;
  }

  /**
   * Reads what the next events will need of a connection. After the kernel's work for one socket the objects of the next are cache
   * misses, each waited for; read in a row with nothing between them they overlap.
   */
  void touch(long token) {
    Connection connection = find(token);
    if (connection != null) {
      touched += connection.bits + (connection.held == null ? 0 : 1);
    }
  }

  int size() {
    return size;
  }

  void forEach(Consumer<Connection> action) {
    for (int slot = 0; slot < slots.length(); slot++) {
      Connection connection = slots.get(slot);
      if (connection != null) {
        action.accept(connection);
      }
    }
  }

  private void grow() {
    int old = slots.length();
    slots.grow();
    generations.add(new int[SlotArray.PIECE]);
    int[] following = new int[SlotArray.PIECE];
    next.add(following);
    for (int at = SlotArray.PIECE - 1; at >= 0; at--) {
      following[at] = free;
      free = old + at;
    }
  }
}
