package io.janus.examples;

import io.janus.Engine;
import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.PortOptions;
import io.janus.completion.SharedPort;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
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
    this(LIMITS, engine, expected, workerCount, batch, server);
  }

  WorkerPool(
      Limits limits, String engine, int expected, int workerCount, int batch, Server server)
      throws OsException {
    this.server = server;
    this.below = new PortBelow(limits, engine);
    this.connections = new Served[expected];
    this.open = new CountDownLatch(expected);
    this.log = new TakeLog(workerCount);
    this.port = SharedPort.open("port owner", QUEUE, limits, below);
    try (Sockets sockets = Sockets.open(new Counters())) {
      long socket =
          ListeningSocket.open(sockets, new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0));
      address = sockets.localAddress(socket);
      long handle = port.adopt(socket);
      if (handle < 0) {
        // What the port did not take is still ours.
        sockets.closeSocket(socket);
      }
      listener = taken(handle);
      taken(port.accept(listener, 0, LISTENER));
    } catch (Throwable e) {
      port.close();
      throw e;
    }
    for (int i = 0; i < workerCount; i++) {
      int worker = i;
      workers.add(Thread.ofPlatform().name("worker " + i).start(() -> run(worker, batch)));
    }
  }

  /** The port below, on whatever engine; opened and freed on the thread that owns it. */
  private static final class PortBelow implements SharedPort.Foundation {
    private final Limits limits;
    private final String engine;
    private Sockets sockets;
    private BufferPool pool;
    private String kernel;

    PortBelow(Limits limits, String engine) {
      this.limits = limits;
      this.engine = engine;
    }

    @Override
    public CompletionPort open() throws OsException {
      Counters counters = new Counters();
      sockets = Sockets.open(counters);
      pool = new BufferPool(limits.bufferBytes(), limits.poolBytes());
      Engine.OpenedPort opened =
          Engine.openPort(engine, sockets, pool, limits, counters, PortOptions.defaults());
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

  /**
   * Passes on what a submit has answered, or throws if it was refused: its completion will never come, and whoever waited for it would wait
   * for ever. A server would make room and try again, or close the connection; an example says so and ends.
   */
  static long taken(long answer) {
    if (answer < 0) {
      throw new IllegalStateException("the port has refused an operation: " + OsError.of(answer));
    }
    return answer;
  }

  /** True if a worker has failed: some connections will never come to their end. */
  boolean hasFailed() {
    return failure.get() != null;
  }

  /** Waits until every expected connection has come and gone, or throws what a worker has failed by. */
  void awaitEnd() throws InterruptedException {
    open.await();
    throwFailure();
  }

  /** Throws what a worker has failed by, if one has. */
  void throwFailure() {
    Throwable why = failure.get();
    if (why != null) {
      throw new IllegalStateException("a worker failed: " + why.getMessage(), why);
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
      // Nobody waits for connections that will not end any more.
      while (open.getCount() > 0) {
        open.countDown();
      }
    }
  }

  private void handle(Completions done, int i) {
    switch (done.operation(i)) {
      case ACCEPT -> accepted(done.handle(i), done.result(i));
      case CLOSE -> {
        taken(done.result(i));
        open.countDown();
      }
      default -> connections[(int) done.token(i)].done(
          done.operation(i), done.result(i), done.buffer(i));
    }
  }

  private void accepted(long handle, int result) {
    if (result != ErrorCode.CONNECTION_ABORTED) {
      taken(result);
      long token = accepted++;
      connections[(int) token] = server.accepted(port, handle, token);
      taken(port.receive(handle, 0, token));
    }
    if (accepted < connections.length) {
      taken(port.accept(listener, 0, LISTENER));
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
