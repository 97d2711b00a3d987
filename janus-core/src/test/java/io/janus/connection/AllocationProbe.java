package io.janus.connection;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.contract.Wait;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The program that is measured: prints how many bytes the loop's thread allocated for the messages of the steady state. */
final class AllocationProbe {
  private static final int CONNECTIONS = 8;
  /** A message takes several times as long under Wine. */
  private static final int WARM_ROUNDS = SystemName.WINDOWS ? 8_000 : 25_000;

  private static final int ROUNDS = SystemName.WINDOWS ? 2_000 : 6_250;

  private AllocationProbe() {}

  public static void main(String[] arguments) throws Exception {
    List<Socket> clients = new ArrayList<>();
    try (Janus janus = Janus.open(EngineOptions.defaults()
        .withEngine(arguments[0])
        .withLoops(1)
        .withLimits(Limits.defaults().withBlockedMillis(0)))) {
      Address at = janus.listen(new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0), Connection::send);
      for (int i = 0; i < CONNECTIONS; i++) {
        clients.add(new Socket("127.0.0.1", at.port()));
        clients.getLast().setTcpNoDelay(true);
      }
      long thread = loopThread(janus);
      exchange(clients, WARM_ROUNDS);
      long least = Long.MAX_VALUE;
      // A compilation may end late; then one more round of measuring sees the steady state.
      for (int attempt = 0; attempt < 3; attempt++) {
        long before = allocatedBytes(thread);
        exchange(clients, ROUNDS);
        least = Math.min(least, allocatedBytes(thread) - before);
      }
      System.out.println("bytes=" + least + " messages=" + ROUNDS * CONNECTIONS);
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  private static long loopThread(Janus janus) {
    AtomicLong id = new AtomicLong();
    janus.loops().getFirst().execute(() -> id.set(Thread.currentThread().threadId()));
    Wait.until("the loop has told its thread", () -> id.get() != 0);
    return id.get();
  }

  private static void exchange(List<Socket> clients, int rounds) throws IOException {
    byte[] message = new byte[64];
    for (int round = 0; round < rounds; round++) {
      for (Socket client : clients) {
        client.getOutputStream().write(message);
      }
      for (Socket client : clients) {
        if (client.getInputStream().readNBytes(message, 0, 64) != 64) {
          throw new IOException("the echo ended early");
        }
      }
    }
  }

  /** By reflection, since the module of the sources does not read jdk.management. */
  private static long allocatedBytes(long thread) throws ReflectiveOperationException {
    Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
    Object bean = factory.getMethod("getThreadMXBean").invoke(null);
    Method allocated = Class.forName("com.sun.management.ThreadMXBean")
        .getMethod("getThreadAllocatedBytes", long.class);
    return (long) allocated.invoke(bean, thread);
  }
}
