package io.janus.examples;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.HashMap;
import java.util.Map;

/** An echo server on a bare {@link Poller}: the loop that every epoll program has. Argument: HOST:PORT. */
public final class PollerLoop {
  private static final int BATCH = 256;
  private static final int BUFFER_BYTES = 16 * 1024;

  /** What the loop knows of one connection. */
  private static final class Client {
    final long socket;
    long registration;
    int interest = Interest.READ;
    Buffer unsent;

    Client(long socket) {
      this.socket = socket;
    }
  }

  private final Counters counters = new Counters();
  private final Sockets sockets = Sockets.open(counters);
  private final Poller poller = Poller.open(BATCH, counters);
  private final BufferPool pool = new BufferPool(BUFFER_BYTES, 64L << 20);
  private final Map<Long, Client> clients = new HashMap<>();
  private final long listener;

  private PollerLoop(Address address) throws OsException {
    listener = ListeningSocket.open(sockets, address);
    OsException.check("watch", poller.add(listener, Interest.READ, Trigger.LEVEL, listener));
  }

  /** Runs until it is ended. */
  public static void main(String[] args) throws OsException {
    new PollerLoop(Address.parse(args[0])).run();
  }

  private void run() {
    Ready ready = new Ready(BATCH);
    while (true) {
      int count = poller.await(ready, Poller.FOREVER);
      for (int i = 0; i < count; i++) {
        if (ready.token(i) == listener) {
          accept();
          continue;
        }
        Client client = clients.get(ready.token(i));
        if (client != null) {
          serve(client);
        }
      }
    }
  }

  private void accept() {
    long socket = sockets.accept(listener);
    if (socket < 0) {
      return;
    }
    Client client = new Client(socket);
    // The socket is the token: it cannot be reused before the registration is removed.
    client.registration = poller.add(socket, Interest.READ, Trigger.LEVEL, socket);
    clients.put(socket, client);
  }

  private void serve(Client client) {
    if (client.unsent == null) {
      Buffer buffer = pool.acquire();
      if (buffer == null) {
        return; // LEVEL tells again when a buffer has come back.
      }
      int received = sockets.receive(client.socket, buffer);
      if (received <= 0) {
        buffer.release();
        if (received != ErrorCode.WOULD_BLOCK) {
          close(client);
        }
        return;
      }
      client.unsent = buffer;
    }
    send(client);
  }

  private void send(Client client) {
    int sent = sockets.send(client.socket, client.unsent);
    if (sent < 0 && sent != ErrorCode.WOULD_BLOCK) {
      close(client);
    } else if (client.unsent.readable() > 0) {
      // No room: wait for it, and read nothing meanwhile. That is all there is to back-pressure.
      watch(client, Interest.WRITE);
    } else {
      client.unsent.release();
      client.unsent = null;
      watch(client, Interest.READ);
    }
  }

  /** A change is a system call, so only where there is one. */
  private void watch(Client client, int interest) {
    if (client.interest != interest) {
      client.interest = interest;
      poller.change(client.registration, interest);
    }
  }

  private void close(Client client) {
    if (client.unsent != null) {
      client.unsent.release();
    }
    clients.remove(client.socket);
    poller.remove(client.registration);
    sockets.closeSocket(client.socket);
  }
}
