package io.janus.examples;

import io.janus.Engine;
import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.PortOptions;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * An echo server on a bare {@link CompletionPort}: the loop that every IOCP program has. Arguments: HOST:PORT, and the engine if it is
 * not to be the best one here (uring on Linux, iocp on Windows, emulated on both).
 */
public final class PortLoop {
  private static final Limits LIMITS = Limits.defaults();
  private static final long RETRY_NANOS = 1_000_000;

  private final Counters counters = new Counters();
  private final Sockets sockets = Sockets.open(counters);
  private final BufferPool pool = new BufferPool(LIMITS.bufferBytes(), LIMITS.poolBytes());
  private final AcceptRest rest = new AcceptRest();
  private final Deque<Long> unclosed = new ArrayDeque<>();
  private final CompletionPort port;
  private final long listener;

  private PortLoop(Address address, String engine) throws OsException {
    Engine.OpenedPort opened =
        Engine.openPort(engine, sockets, pool, LIMITS, counters, PortOptions.defaults());
    port = opened.port();
    listener = port.adopt(ListeningSocket.open(sockets, address));
    System.out
        .println("with " + opened.choice().engine().kernel() + " (" + opened.choice().why() + ")");
    accept();
  }

  /** Runs until it is ended. */
  public static void main(String[] args) throws OsException {
    new PortLoop(Address.parse(args[0]), args.length > 1 ? args[1] : "auto").run();
  }

  private void run() {
    Completions done = new Completions(LIMITS.batchEvents());
    while (true) {
      int count = port.await(done, unclosed.isEmpty() ? rest.left() : RETRY_NANOS);
      if (rest.isOver()) {
        accept();
      }
      for (int left = unclosed.size(); left > 0; left--) {
        close(unclosed.remove());
      }
      for (int i = 0; i < count; i++) {
        switch (done.operation(i)) {
          case ACCEPT -> accepted(done, i);
          case RECEIVE -> received(done.handle(i), done.result(i), done.buffer(i));
          case SEND -> sent(done.handle(i), done.result(i), done.buffer(i));
          default -> {
            // A close: the handle is gone.
          }
        }
      }
    }
  }

  private void accept() {
    rest.begin(port.accept(listener, CompletionPort.REPEAT, 0));
  }

  private void accepted(Completions done, int i) {
    if (done.result(i) >= 0) {
      receive(done.handle(i));
    }
    // After an accept that failed the next one would fail at once as well, and the loop would do nothing else.
    if (!done.more(i) && !rest.begin(done.result(i))) {
      accept();
    }
  }

  /** The idle form: the port picks a buffer only when bytes have come. */
  private void receive(long handle) {
    if (port.receive(handle, 0, 0) < 0) {
      close(handle);
    }
  }

  private void received(long handle, int result, Buffer buffer) {
    if (result > 0) {
      // Nothing else is in flight, so an echo needs no queue.
      send(handle, buffer);
      return;
    }
    if (buffer != null) {
      buffer.release();
    }
    close(handle);
  }

  /** Gives the buffer away, and the completion gives it back. A submit that is refused has taken nothing. */
  private void send(long handle, Buffer buffer) {
    if (port.send(handle, buffer, 0) < 0) {
      buffer.release();
      close(handle);
    }
  }

  private void sent(long handle, int result, Buffer buffer) {
    if (result >= 0 && buffer.readable() > 0) {
      send(handle, buffer);
      return;
    }
    buffer.release();
    if (result < 0) {
      close(handle);
    } else {
      receive(handle);
    }
  }

  /** A full table refuses a close as well, and the connection would stay for ever: it is tried again after the next wait. */
  private void close(long handle) {
    if (port.close(handle, 0) == ErrorCode.BUSY) {
      unclosed.add(handle);
    }
  }
}
