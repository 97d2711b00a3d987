package io.janus.examples;

import io.janus.ffi.OsException;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;

/** Socket, bind and listen, for the two raw loops. */
final class ListeningSocket {
  private static final int BACKLOG = 1024;

  private ListeningSocket() {}

  static long open(Sockets sockets, Address address) throws OsException {
    String attempt = "listen on " + address;
    long socket = OsException.check(attempt, sockets.open(address));
    OsException.check(attempt, sockets.setOption(socket, SocketOption.REUSE_ADDRESS, 1));
    OsException.check(attempt, sockets.bind(socket, address));
    OsException.check(attempt, sockets.listen(socket, BACKLOG));
    System.out.println("listening on " + sockets.localAddress(socket));
    return socket;
  }
}
