package io.janus.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Connects that end as fast as they come, by plain sockets of the JDK: most by a reset at any stage of the server's side of them, some
 * with bytes on their way, some in order. Then an honest client wants its answer. A program for another system than the server's.
 */
final class StormClients {
  private static final int THREADS = 4;
  private static final int MOST_OPEN = 200;
  private static final int PATIENCE_MILLIS = 30_000;

  /** Whoever ends a connection in order keeps its port for a while, so few do. */
  private static final int IN_ORDER_EVERY = 20;

  private static final int WITH_BYTES_EVERY = 3;

  private StormClients() {}

  /** Takes HOST:PORT and the number of connects, prints what was done, and ends with 1 at the first thing that is wrong. */
  public static void main(String[] arguments) throws Exception {
    String[] parts = arguments[0].split(":", -1);
    InetSocketAddress server =
        new InetSocketAddress(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1]));
    int number = Integer.parseInt(arguments[1]);
    try {
      storm(server, number);
      answered(server);
      System.out.println(number + " connects, and an honest client has its answer");
    } catch (AssertionError | Exception e) {
      System.out.println("wrong: " + e);
      System.exit(1);
    }
  }

  private static void storm(InetSocketAddress server, int number)
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      Future<?>[] parts = new Future<?>[THREADS];
      for (int i = 0; i < THREADS; i++) {
        int share = number / THREADS + (i < number % THREADS ? 1 : 0);
        parts[i] = threads.submit(() -> connectAndGo(server, share));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    }
  }

  private static Void connectAndGo(InetSocketAddress server, int number) throws IOException {
    ArrayDeque<Socket> open = new ArrayDeque<>();
    for (int i = 1; i <= number; i++) {
      Socket client = connect(server);
      client.setSoLinger(i % IN_ORDER_EVERY != 0, 0);
      if (i % WITH_BYTES_EVERY == 0) {
        client.getOutputStream().write(new byte[i % 1000]);
      }
      open.add(client);
      // Half of them go at once, the others when the server has had time to take them.
      if (i % 2 == 0) {
        open.removeLast().close();
      }
      if (open.size() > MOST_OPEN) {
        open.remove().close();
      }
    }
    while (!open.isEmpty()) {
      open.remove().close();
    }
    return null;
  }

  private static void answered(InetSocketAddress server) throws IOException {
    try (Socket client = connect(server)) {
      client.getOutputStream().write("honest".getBytes(StandardCharsets.US_ASCII));
      byte[] back = client.getInputStream().readNBytes(6);
      if (!new String(back, StandardCharsets.US_ASCII).equals("honest")) {
        throw new AssertionError("an honest client has " + back.length + " bytes back of 6");
      }
    }
  }

  private static Socket connect(InetSocketAddress server) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(server, PATIENCE_MILLIS);
    return socket;
  }
}
