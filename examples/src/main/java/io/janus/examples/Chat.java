package io.janus.examples;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.socket.Address;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tells every line to everybody else, over all loops. Arguments: HOST:PORT, and an engine if it is not to be the best one here. */
public final class Chat implements Handler {
  private static final int LONGEST_LINE_BYTES = 4096;

  private final Set<Connection> members = ConcurrentHashMap.newKeySet();

  /** Runs until it is ended. */
  public static void main(String[] args) throws Exception {
    Address wanted = Address.parse(args[0]);
    String engine = args.length > 1 ? args[1] : "auto";
    Janus janus = Janus.open(EngineOptions.defaults().withEngine(engine));
    System.out.println("listening on " + janus.listen(wanted, new Chat()));
  }

  @Override
  public void onOpen(Connection connection) {
    connection.attach(new ByteArrayOutputStream());
    members.add(connection);
    tellOthers(connection, "* somebody joined, " + members.size() + " here\n");
  }

  @Override
  public void onData(Connection connection, Buffer buffer) {
    ByteArrayOutputStream line = (ByteArrayOutputStream) connection.attachment();
    for (byte character : buffer.copyOut()) {
      line.write(character);
      if (character == '\n') {
        tellOthers(connection, line.toString(StandardCharsets.UTF_8));
        line.reset();
      } else if (line.size() > LONGEST_LINE_BYTES) {
        connection.abort();
        return;
      }
    }
  }

  @Override
  public void onClosed(Connection connection) {
    members.remove(connection);
    tellOthers(connection, "* somebody left, " + members.size() + " here\n");
  }

  private void tellOthers(Connection speaker, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (Connection member : members) {
      if (member != speaker) {
        // The member may live on another loop: the mailbox is the only door to it.
        member.execute(() -> tell(member, bytes));
      }
    }
  }

  private static void tell(Connection member, byte[] bytes) {
    if (!member.sendCopy(bytes)) {
      // Too slow for the talk. Without a bound one sleeper would cost memory without end.
      member.abort();
    }
  }
}
