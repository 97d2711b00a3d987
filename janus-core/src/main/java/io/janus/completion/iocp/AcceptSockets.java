package io.janus.completion.iocp;

import io.janus.socket.Address;
import java.util.Arrays;

/**
 * The sockets that wait in one listener for connections, one AcceptEx each, and how the accept they stand for ends. A single accept has
 * one of them, a repeated one several, so that a burst of connections does not wait for this thread.
 */
final class AcceptSockets {
  /** Address of the listener; its accept sockets are of the same family. */
  final Address like;

  final SocketExtensions extensions;
  private int[] cells = new int[4];
  private long[] sockets = new long[4];
  private int count;

  boolean repeats;
  boolean withPeer;

  /** Accepted sockets send small segments at once, as their listener would. */
  boolean noDelay;

  /** No further one is started; the accept ends by the verdict once the last has ended. */
  boolean ending;

  int verdict;

  /** The accept's last completion is on its way. */
  boolean over;

  /** Connections that ended before they were accepted, without another between. */
  int failuresInARow;

  AcceptSockets(Address like, SocketExtensions extensions) {
    this.like = like;
    this.extensions = extensions;
  }

  /** A new accept. */
  void begin(boolean again, boolean peer, boolean smallAtOnce) {
    repeats = again;
    withPeer = peer;
    noDelay = smallAtOnce;
    ending = false;
    verdict = 0;
    over = false;
    failuresInARow = 0;
  }

  int count() {
    return count;
  }

  int cell(int i) {
    return cells[i];
  }

  long socket(int i) {
    return sockets[i];
  }

  void add(int cell, long socket) {
    if (count == cells.length) {
      cells = Arrays.copyOf(cells, 2 * count);
      sockets = Arrays.copyOf(sockets, 2 * count);
    }
    cells[count] = cell;
    sockets[count++] = socket;
  }

  /** Which one a packet means, or −1. */
  int find(OverlappedSlab slab, long overlapped) {
    for (int i = 0; i < count; i++) {
      if (slab.address(cells[i]) == overlapped) {
        return i;
      }
    }
    return -1;
  }

  /** Takes one off; the last takes its place. */
  void remove(int i) {
    count--;
    cells[i] = cells[count];
    sockets[i] = sockets[count];
  }
}
