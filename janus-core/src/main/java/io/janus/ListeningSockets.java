package io.janus;

import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.util.ArrayList;
import java.util.List;

/**
 * Bound and listening sockets for one address, one for each loop: the kernel spreads connections over them (SO_REUSEPORT). One for all
 * where there is no such thing: on Windows, and for a path.
 */
final class ListeningSockets {
  /** What was opened, one socket for each loop, and where they listen. */
  record Opened(List<Long> sockets, Address at) {}

  private ListeningSockets() {}

  static Opened open(Address address, int count, int backlog) throws OsException {
    List<Long> opened = new ArrayList<>();
    int wanted = address instanceof Address.Unix || SystemName.WINDOWS ? 1 : count;
    try (Sockets sockets = Sockets.open(new Counters())) {
      try {
        if (wanted > 1 && address.port() != 0) {
          // A program of the same user that also shares the port would get a part of our connections without a word.
          probeThatNobodyListens(sockets, address);
        }
        Address next = address;
        for (int i = 0; i < wanted; i++) {
          opened.add(openOne(sockets, next, wanted > 1, backlog));
          next = actual(sockets, opened.getFirst(), address);
        }
        return new Opened(opened, next);
      } catch (OsException | RuntimeException | Error e) {
        opened.forEach(sockets::closeSocket);
        throw e;
      }
    }
  }

  static void close(List<Long> listening) {
    try (Sockets sockets = Sockets.open(new Counters())) {
      listening.forEach(sockets::closeSocket);
    }
  }

  private static Address actual(Sockets sockets, long socket, Address fallback) {
    Address local = sockets.localAddress(socket);
    return local == null ? fallback : local;
  }

  private static void probeThatNobodyListens(Sockets sockets, Address address) throws OsException {
    sockets.closeSocket(openOne(sockets, address, false, 1));
  }

  private static long openOne(Sockets sockets, Address address, boolean shared, int backlog)
      throws OsException {
    String attempt = "listen on " + address;
    long socket = OsException.check(attempt, sockets.open(address));
    try {
      if (!(address instanceof Address.Unix)) {
        OsException.check(attempt, sockets.setOption(socket, SocketOption.REUSE_ADDRESS, 1));
        if (shared) {
          OsException.check(attempt, sockets.setOption(socket, SocketOption.REUSE_PORT, 1));
        }
        // Accepted sockets inherit it, which saves a system call for each connection.
        OsException.check(attempt, sockets.setOption(socket, SocketOption.NO_DELAY, 1));
      }
      OsException.check(attempt, sockets.bind(socket, address));
      OsException.check(attempt, sockets.listen(socket, backlog));
      return socket;
    } catch (OsException | RuntimeException | Error e) {
      sockets.closeSocket(socket);
      throw e;
    }
  }
}
