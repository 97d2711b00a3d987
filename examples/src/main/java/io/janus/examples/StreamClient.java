package io.janus.examples;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The other side of the shared port's examples, in a process of its own because each process has its limit of descriptors. Opens
 * all connections, then sends a known stream on each, on some of them at a time; if the server echoes, at most a window of bytes is on its way and every byte
 * that comes back is checked. Arguments: HOST:PORT CONNECTIONS BYTES WINDOW ACTIVE, with a window of 0 for a server that only reads.
 */
final class StreamClient {
  private static final int CONNECTS_AT_A_TIME = 128;
  private static final int CHUNK_BYTES = 700;
  private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long LOOK_MILLIS = 100;

  private final Address server;
  private final int connections;
  private final long bytes;
  private final long window;
  private final int active;

  // One loop only, so these need no more than its thread.
  private final List<Stream> open = new ArrayList<>();
  private final long begin = System.nanoTime();
  private long told = begin;
  private int connecting;
  private int started;
  private int finished;
  private int closed;
  private int failed;
  private long wrong;

  private StreamClient(Address server, int connections, long bytes, long window, int active) {
    this.server = server;
    this.connections = connections;
    this.bytes = bytes;
    this.window = window;
    this.active = active;
  }

  /** Runs in a process of its own until all bytes are through or the server has failed; true if all went well. */
  static boolean run(WorkerPool server, int connections, long bytes, long window, int active)
      throws IOException, InterruptedException {
    Process client =
        new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"),
            "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
            StreamClient.class.getName(), server.address().toString(),
            Integer.toString(connections), Long.toString(bytes), Long.toString(window),
            Integer.toString(active)).inheritIO()
            .start();
    while (!client.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      if (server.hasFailed()) {
        // It would wait for ever for bytes that nobody handles any more.
        client.destroy();
      }
    }
    return client.exitValue() == 0;
  }

  /** The child process. */
  public static void main(String[] args) throws Exception {
    try {
      begin(args);
    } catch (IllegalArgumentException tooMany) {
      System.err.println("client: " + tooMany.getMessage());
      System.exit(1);
    }
  }

  private static void begin(String[] args) throws Exception {
    StreamClient client =
        new StreamClient(Address.parse(args[0]), Integer.parseInt(args[1]),
            Long.parseLong(args[2]), Long.parseLong(args[3]), Integer.parseInt(args[4]));
    Limits limits = Limits.defaults().withConnections(client.connections).withMailboxTasks(1 << 17);
    Janus janus = Janus.open(EngineOptions.defaults().withLoops(1).withLimits(limits));
    janus.loops().getFirst().execute(() -> {
      for (int i = 0; i < Math.min(CONNECTS_AT_A_TIME, client.connections); i++) {
        client.connecting++;
        janus.connect(client.server, client.new Stream());
      }
    });
  }

  private void opened(Connection connection, Stream stream) {
    open.add(stream);
    tell("open", open.size());
    if (connecting < connections) {
      connecting++;
      connection.connectOnSameLoop(server, new Stream());
    }
    if (open.size() == connections) {
      for (int i = 0; i < Math.min(active, connections); i++) {
        startNext();
      }
    }
  }

  private void startNext() {
    Stream next = open.get(started++);
    // A task of its own, so that the loop looks at its sockets between two of them.
    next.connection.execute(next::sendMore);
  }

  /** All stay open until the last one is through. */
  private void finished() {
    finished++;
    tell("through", finished);
    if (started < connections) {
      startNext();
    }
    if (finished == connections) {
      open.forEach(each -> each.connection.execute(each.connection::close));
    }
  }

  /** Says every few seconds how far it has come, on the error stream, so that a person knows that it goes on. */
  private void tell(String what, int count) {
    long now = System.nanoTime();
    if (now - told >= TELL_EVERY_NANOS) {
      told = now;
      System.err.printf(
          "client: %,d of %,d connections are %s after %d s%n", count, connections, what,
          TimeUnit.NANOSECONDS.toSeconds(now - begin));
    }
  }

  private void closed(Connection connection) {
    closed++;
    if (connection.failure() != null) {
      failed++;
      System.err.println("client: " + connection.failure());
    }
    if (closed == connections || open.size() < connections) {
      System.out.printf(
          "client: %,d connections were open at once, %,d failed, %,d wrong bytes came back%n",
          open.size(), failed,
          wrong);
      System.exit(failed == 0 && wrong == 0 ? 0 : 1);
    }
  }

  private final class Stream implements Handler {
    private Connection connection;
    private long sent;
    private long echoed;
    private boolean told;

    @Override
    public void onOpen(Connection opened) {
      connection = opened;
      opened(opened, this);
    }

    @Override
    public void onData(Connection from, Buffer buffer) {
      wrong += StreamCheck.wrongBytes(buffer, echoed);
      echoed += buffer.readable();
      sendMore();
    }

    @Override
    public void onDrained(Connection drained) {
      sendMore();
    }

    @Override
    public void onClosed(Connection gone) {
      StreamClient.this.closed(gone);
    }

    void sendMore() {
      while (sent < bytes && (window == 0 || sent - echoed < window)) {
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, bytes - sent)];
        for (int i = 0; i < chunk.length; i++) {
          chunk[i] = StreamCheck.byteAt(sent + i);
        }
        if (!connection.sendCopy(chunk)) {
          return;
        }
        sent += chunk.length;
      }
      boolean through = window == 0 ? sent == bytes : echoed == bytes;
      if (through && !told) {
        told = true;
        finished();
      }
    }
  }
}
