package io.janus.examples;

import io.janus.Engine;
import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.PortOptions;
import io.janus.completion.SharedPort;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** A server whose workers share one port: accepts connections and brings each its completions, on whatever worker took them. */
final class WorkerPool implements AutoCloseable {
  /** What to do with the completions of one connection. Two workers may call it at once. */
  interface Served {
    void done(Operation operation, int result, Buffer buffer);
  }

  /** Makes what serves an accepted connection; its completions carry the token. */
  interface Server {
    Served accepted(SharedPort port, long handle, long token);
  }

  /** Small, so that a message takes many receives. */
  private static final Limits LIMITS = Limits.defaults().withBufferBytes(64);

  private static final int QUEUE = 4096;
  private static final long LISTENER = -1;

  private final Server server;
  private final PortBelow below;
  private final SharedPort port;
  private final TakeLog log;
  private final Address address;
  private final long listener;
  private final Served[] connections;
  private final CountDownLatch open;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<Thread> workers = new ArrayList<>();

  /** Touched by the accept's completion only, of which there is one at a time. */
  private int accepted;

  WorkerPool(String engine, int expected, int workerCount, int batch, Server server)
      throws OsException {
    this.server = server;
    this.below = new PortBelow(engine);
    this.connections = new Served[expected];
    this.open = new CountDownLatch(expected);
    this.log = new TakeLog(workerCount);
    this.port = SharedPort.open("port owner", QUEUE, LIMITS, below);
    try (Sockets sockets = Sockets.open(new Counters())) {
      long socket =
          ListeningSocket.open(sockets, new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0));
      address = sockets.localAddress(socket);
      listener = port.adopt(socket);
    }
    port.accept(listener, 0, LISTENER);
    for (int i = 0; i < workerCount; i++) {
      int worker = i;
      workers.add(Thread.ofPlatform().name("worker " + i).start(() -> run(worker, batch)));
    }
  }

  /** The port below, on whatever engine; opened and freed on the thread that owns it. */
  private static final class PortBelow implements SharedPort.Foundation {
    private final String engine;
    private Sockets sockets;
    private BufferPool pool;
    private String kernel;

    PortBelow(String engine) {
      this.engine = engine;
    }

    @Override
    public CompletionPort open() throws OsException {
      Counters counters = new Counters();
      sockets = Sockets.open(counters);
      pool = new BufferPool(LIMITS.bufferBytes(), LIMITS.poolBytes());
      Engine.OpenedPort opened =
          Engine.openPort(engine, sockets, pool, LIMITS, counters, PortOptions.defaults());
      kernel = opened.choice().engine().kernel();
      return opened.port();
    }

    @Override
    public void free() {
      if (pool != null) {
        pool.close();
      }
      if (sockets != null) {
        sockets.close();
      }
    }
  }

  /** The kernel interface of the port below, in words. */
  String kernel() {
    return below.kernel;
  }

  Address address() {
    return address;
  }

  TakeLog log() {
    return log;
  }

  /** Waits until every expected connection has come and gone. */
  void awaitEnd() throws InterruptedException {
    open.await();
    if (failure.get() != null) {
      throw new IllegalStateException("a worker failed", failure.get());
    }
  }

  private void run(int worker, int batch) {
    Completions done = new Completions(batch);
    try {
      while (true) {
        log.waits();
        int count = port.take(done, CompletionPort.FOREVER);
        log.took(worker, count);
        if (count == SharedPort.STOPPED) {
          return;
        }
        for (int i = 0; i < count; i++) {
          if (i > 0 && log.anyIdle() && port.waiting() == 0) {
            log.heldBack();
          }
          handle(done, i);
        }
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
      while (open.getCount() > 0) {
        open.countDown();
      }
    }
  }

  private void handle(Completions done, int i) {
    switch (done.operation(i)) {
      case ACCEPT -> accepted(done.handle(i), done.result(i));
      case CLOSE -> open.countDown();
      default -> connections[(int) done.token(i)].done(
          done.operation(i), done.result(i), done.buffer(i));
    }
  }

  private void accepted(long handle, int result) {
    if (result >= 0) {
      long token = accepted++;
      connections[(int) token] = server.accepted(port, handle, token);
      port.receive(handle, 0, token);
    }
    if (accepted < connections.length) {
      port.accept(listener, 0, LISTENER);
    }
  }

  @Override
  public void close() throws InterruptedException {
    port.stop();
    for (Thread worker : workers) {
      worker.join();
    }
    port.close();
  }
}
