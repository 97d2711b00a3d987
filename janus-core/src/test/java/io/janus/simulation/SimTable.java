package io.janus.simulation;

import io.janus.ffi.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A ring's own table of sockets; each place holds its socket as a descriptor does. */
final class SimTable {
  private static final int FULL = -23;
  private final SimNetwork network;
  private final @Nullable SimSocket[] places;

  SimTable(SimNetwork network, int size) {
    this.network = network;
    places = new SimSocket[size];
  }

  @Nullable
  SimSocket find(int index) {
    return index >= 0 && index < places.length ? places[index] : null;
  }

  /** The lowest free place, or ENFILE. */
  int put(SimSocket socket) {
    for (int i = 0; i < places.length; i++) {
      if (places[i] == null) {
        places[i] = socket;
        socket.held();
        network.trace.add(network.now(), "place, socket", i, socket.serial);
        return i;
      }
    }
    return FULL;
  }

  int remove(int index) {
    SimSocket socket = find(index);
    if (socket == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    places[index] = null;
    network.release(socket);
    return 0;
  }

  /** Takes a connection as accept does, where the place comes last: a full table loses the connection. */
  int accept(SimSocket listener) {
    if (listener.state != SimSocket.State.LISTENING) {
      return ErrorCode.INVALID;
    }
    if (listener.ready() != 0 && network.dice.perMille(network.faults.acceptErrors)) {
      return network.dice.oneOf(SimErrors.OUT_OF_MEMORY, ErrorCode.NO_BUFFER);
    }
    SimSocket accepted = listener.nextAccepted();
    if (accepted == null) {
      return ErrorCode.WOULD_BLOCK;
    }
    int index = put(accepted);
    if (index < 0) {
      accepted.close();
      network.checks.fail("an accept into the full table lost a connection");
    }
    return index;
  }

  /** The ring is gone, and its sockets with it. */
  void closeAll() {
    for (int i = 0; i < places.length; i++) {
      if (places[i] != null) {
        remove(i);
      }
    }
  }
}
