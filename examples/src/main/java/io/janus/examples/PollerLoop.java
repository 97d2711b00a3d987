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
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

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

  /** Clients with something to read for which no buffer was left. */
  private final Queue<Client> waiting = new ArrayDeque<>();

  private final AcceptRest rest = new AcceptRest();
  private final long listener;
  private final long listening;

  private PollerLoop(Address address) throws OsException {
    listener = ListeningSocket.open(sockets, address);
    listening =
        OsException.check("watch", poller.add(listener, Interest.READ, Trigger.LEVEL, listener));
  }

  /** Runs until it is ended. */
  public static void main(String[] args) throws OsException {
    new PollerLoop(Address.parse(args[0])).run();
  }

  private void run() {
    Ready ready = new Ready(BATCH);
    while (true) {
      int count = poller.await(ready, rest.left());
      if (rest.isOver()) {
        poller.change(listening, Interest.READ);
      }
      for (int i = 0; i < count; i++) {
        if (ready.token(i) == listener) {
          accept();
          continue;
        }
        if ((ready.bits(i) & Ready.GONE) != 0) {
          sockets.closeSocket(ready.token(i));
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
      rest(socket);
      return;
    }
    Client client = new Client(socket);
    // The socket is the token: it cannot be reused before the registration is removed.
    client.registration = poller.add(socket, Interest.READ, Trigger.LEVEL, socket);
    if (client.registration < 0) {
      sockets.closeSocket(socket);
      rest(client.registration);
      return;
    }
    clients.put(socket, client);
  }

  /** LEVEL tells of the client that waits for a descriptor all the time, so it is not listened to until the rest is over. */
  private void rest(long error) {
    if (rest.begin(error)) {
      poller.change(listening, Interest.NONE);
    }
  }

  private void serve(Client client) {
    if (client.unsent == null) {
      Buffer buffer = pool.acquire();
      if (buffer == null) {
        // LEVEL tells of the bytes all the time, so they are not listened to until a buffer has come back.
        watch(client, Interest.NONE);
        waiting.add(client);
        return;
      }
      int received = sockets.receive(client.socket, buffer);
      if (received <= 0) {
        giveBack(buffer);
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
      giveBack(client.unsent);
      client.unsent = null;
      watch(client, Interest.READ);
    }
  }

  /** One buffer is enough for one of those that wait. */
  private void giveBack(Buffer buffer) {
    buffer.release();
    Client next = waiting.poll();
    if (next != null) {
      watch(next, Interest.READ);
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
      giveBack(client.unsent);
    }
    clients.remove(client.socket);
    // If the kernel still has the socket in hand, as Windows may, GONE follows, and only then its number may be another's.
    if (poller.remove(client.registration)) {
      sockets.closeSocket(client.socket);
    }
  }
}
