package io.janus.examples;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.connection.Handler;
import io.janus.socket.Address;

/** Sends back what it receives: the smallest server. Arguments: HOST:PORT, and an engine if it is not to be the best one here. */
public final class Echo {
  private Echo() {}

  /** Runs until it is ended. */
  public static void main(String[] args) throws Exception {
    // A Handler has more callbacks; the others have sensible defaults, such as: close when the peer has ended.
    Handler echo = (connection, buffer) -> connection.send(buffer);

    // Before the loops are there, which keep the JVM alive: a bad address ends the program.
    Address wanted = Address.parse(args[0]);

    // One loop for each processor. "auto" is the best engine of this machine.
    String engine = args.length > 1 ? args[1] : "auto";
    Janus janus = Janus.open(EngineOptions.defaults().withEngine(engine));
    Address address = janus.listen(wanted, echo);
    System.out.println("listening on " + address + " with " + janus.engine().kernel());
  }
}
