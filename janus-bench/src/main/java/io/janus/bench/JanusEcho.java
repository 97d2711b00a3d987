package io.janus.bench;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.socket.Address;

/** The echo server on Janus with one loop, as the other twins: arguments are the engine, HOST:PORT, and perhaps "direct" or "zero-copy". */
public final class JanusEcho {
  private static final int ZERO_COPY_BYTES = 4 << 10;

  private JanusEcho() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws Exception {
    Handler echo =
        new Handler() {
          @Override
          public void onData(Connection connection, Buffer buffer) {
            connection.send(buffer);
          }
        };
    String option = args.length > 2 ? args[2] : "";
    Janus janus =
        Janus.open(
            EngineOptions.defaults()
                .withEngine(args[0])
                .withLoops(1)
                .withDirectDescriptors(option.equals("direct"))
                .withZeroCopyBytes(option.equals("zero-copy") ? ZERO_COPY_BYTES : 0));
    System.out.println("listening on " + janus.listen(Address.parse(args[1]), echo));
    Thread.currentThread().join();
  }
}
