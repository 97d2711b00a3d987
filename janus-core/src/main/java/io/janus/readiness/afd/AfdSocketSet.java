package io.janus.readiness.afd;

import java.util.Arrays;

/**
 * The sockets that are registered, because the device takes any number of polls of one socket where epoll refuses a second
 * registration. Open addressing over an array of longs, so that a connection costs no object.
 */
final class AfdSocketSet {
  private static final long NONE = -1;
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private long[] table = empty(64);
  private int size;

  /** False if it is in already. */
  boolean add(long socket) {
    if (size * 2 >= table.length) {
      grow();
    }
    int at = place(socket);
    if (table[at] == socket) {
      return false;
    }
    table[at] = socket;
    size++;
    return true;
  }

  boolean contains(long socket) {
    return table[place(socket)] == socket;
  }

  void remove(long socket) {
    int hole = place(socket);
    if (table[hole] == NONE) {
      return;
    }
    size--;
    // Those that had to step past the hole move up, so that no search ends before them.
    for (int at = next(hole); table[at] != NONE; at = next(at)) {
      int home = home(table[at]);
      boolean stays = hole <= at ? hole < home && home <= at : hole < home || home <= at;
      if (!stays) {
        table[hole] = table[at];
        hole = at;
      }
    }
    table[hole] = NONE;
  }

  int size() {
    return size;
  }

  /** Where it is, or where it would go. */
  private int place(long socket) {
    int at = home(socket);
    while (table[at] != NONE && table[at] != socket) {
      at = next(at);
    }
    return at;
  }

  private int home(long socket) {
    // Handles are multiples of four.
    return (int) (socket * SPREAD >>> 32) & (table.length - 1);
  }

  private int next(int at) {
    return (at + 1) & (table.length - 1);
  }

  private void grow() {
    long[] before = table;
    table = empty(before.length * 2);
    for (long socket : before) {
      if (socket != NONE) {
        table[place(socket)] = socket;
      }
    }
  }

  private static long[] empty(int length) {
    long[] table = new long[length];
    Arrays.fill(table, NONE);
    return table;
  }
}
