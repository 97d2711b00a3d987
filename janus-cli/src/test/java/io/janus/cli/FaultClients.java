package io.janus.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What clients do to an echo server, by plain sockets of the JDK: they end their sending and read on, reset, go away, or never read. It
 * is a program of its own as well, so that the clients may run on another system than the server.
 */
final class FaultClients {
  private static final int MANY = 40;
  private static final int BYTES = 1 << 20;
  private static final int PATIENCE_MILLIS = 30_000;

  private final InetSocketAddress server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  FaultClients(InetSocketAddress server) {
    this.server = server;
  }

  /** Takes HOST:PORT, prints what was done, and ends with 1 at the first thing that is wrong. */
  public static void main(String[] arguments) throws Exception {
    String[] parts = arguments[0].split(":", -1);
    FaultClients clients =
        new FaultClients(
            new InetSocketAddress(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1])));
    try {
      clients.all();
    } catch (AssertionError | Exception e) {
      System.out.println("wrong: " + e);
      System.exit(1);
    }
  }

  /** All faults, one after the other; after each, and while one is stuck, others are served. */
  void all() throws Exception {
    halfClose();
    reset();
    vanish();
    stuckReader();
    System.out.println("every byte came back, before, during and after all faults");
  }

  /** Whoever ends his sending gets all of it back, and then the end. */
  private void halfClose() throws Exception {
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int seed = i;
      clients.add(threads.submit(() -> echoAll(seed)));
    }
    for (Future<?> client : clients) {
      client.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void reset() throws Exception {
    for (int i = 0; i < MANY; i++) {
      try (Socket client = connect()) {
        client.getOutputStream().write(new byte[1 + i * 1000]);
        client.setSoLinger(true, 0);
      }
    }
    echoAll(100);
  }

  /** They go with an answer unread, or before they have said anything. */
  private void vanish() throws Exception {
    for (int i = 0; i < MANY; i++) {
      try (Socket client = connect()) {
        client.getOutputStream().write(new byte[i * 1000]);
      }
    }
    echoAll(101);
  }

  /** Others are served meanwhile, and once it reads nothing is lost. */
  private void stuckReader() throws Exception {
    try (SocketChannel stuck = SocketChannel.open()) {
      stuck.setOption(StandardSocketOptions.SO_RCVBUF, 32 << 10);
      stuck.connect(server);
      long sent = writeUntilNothingIsTaken(stuck);
      echoAll(102);
      stuck.configureBlocking(true);
      stuck.shutdownOutput();
      long returned = readPattern(stuck, sent);
      require(returned == sent, returned + " bytes came back of " + sent);
    }
  }

  private static long readPattern(SocketChannel stuck, long sent) throws IOException {
    ByteBuffer back = ByteBuffer.allocate(1 << 16);
    long returned = 0;
    try {
      for (int n = stuck.read(back.clear()); n >= 0; n = stuck.read(back.clear())) {
        for (int i = 0; i < n; i++, returned++) {
          require(back.get(i) == pattern(returned), "byte " + returned + " of a stuck reader");
        }
      }
    } catch (IOException e) {
      throw new IOException("a stuck reader that had " + returned + " bytes back of " + sent, e);
    }
    return returned;
  }

  private static long writeUntilNothingIsTaken(SocketChannel client) throws Exception {
    client.configureBlocking(false);
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    long taken = 0;
    for (int quiet = 0; quiet < 25; quiet++) {
      chunk.clear();
      for (int i = 0; i < chunk.capacity(); i++) {
        chunk.put(pattern(taken + i));
      }
      int written = client.write(chunk.flip());
      taken += written;
      if (written > 0) {
        quiet = 0;
      } else {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      require(taken < 512 << 20, "a reader that is stuck costs no more than a bound");
    }
    return taken;
  }

  private void echoAll(int seed) {
    byte[] sent = new byte[BYTES];
    new Random(seed).nextBytes(sent);
    try (Socket client = connect()) {
      Future<?> sending = threads.submit(() -> sendAll(client, sent));
      byte[] back = client.getInputStream().readAllBytes();
      require(Arrays.equals(back, sent),
          "what came back, " + back.length + " bytes, is not what was sent");
      sending.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (IOException | InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("client " + seed + ": " + e, e);
    }
  }

  private static void sendAll(Socket client, byte[] bytes) {
    try {
      OutputStream out = client.getOutputStream();
      out.write(bytes);
      client.shutdownOutput();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(server, PATIENCE_MILLIS);
    return socket;
  }

  private static byte pattern(long place) {
    return (byte) (place % 251);
  }

  private static void require(boolean truth, String what) {
    if (!truth) {
      throw new AssertionError(what);
    }
  }
}
