package io.janus.fault;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.connection.Connection;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.net.Socket;

/** The program that is traced: one echo, then what was counted. */
final class StraceChild {
  private StraceChild() {}

  public static void main(String[] arguments) throws Exception {
    EngineOptions options = EngineOptions.defaults()
        .withEngine("epoll")
        .withLoops(1)
        .withLimits(Limits.defaults().withAcceptPauseMillis(20))
        .withReporter((sentence, cause) -> System.out.println(sentence));
    try (Janus janus = Janus.open(options)) {
      Address at = janus.listen(new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0), Connection::send);
      try (Socket client = new Socket("127.0.0.1", at.port())) {
        client.getOutputStream().write(7);
        System.out.println(client.getInputStream().read() == 7 ? "echoed" : "lost");
      }
      System.out.println("failures=" + janus.counters().get(Counter.ACCEPT_FAILURES));
      System.out.println("pauses=" + janus.counters().get(Counter.ACCEPT_PAUSES));
    }
  }
}
