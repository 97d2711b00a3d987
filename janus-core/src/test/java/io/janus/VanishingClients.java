package io.janus;

import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** The program whose end is the clients' end: connects, leaves every second message half said, and waits until it is killed. */
final class VanishingClients {
  static final String ALL_ARE_HERE = "all are here";

  private VanishingClients() {}

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket client = new Socket("127.0.0.1", port);
      client.getOutputStream().write(new byte[100]);
      if (client.getInputStream().read() < 0) {
        throw new IllegalStateException("the server has ended a connection");
      }
      if (i % 2 == 0) {
        client.getInputStream().readNBytes(99);
      }
      clients.add(client);
    }
    System.out.println(ALL_ARE_HERE);
    // Until it is killed, or whoever should do that has ended himself.
    System.in.readAllBytes();
    System.out.println(clients.size() + " clients were left alone");
  }
}
