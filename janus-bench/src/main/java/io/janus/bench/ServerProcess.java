package io.janus.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A running server, alone on its core. */
final class ServerProcess implements AutoCloseable {
  private static final int CORE = 0;
  private static final Pattern LISTENING = Pattern.compile("listening on ([\\d.]+):(\\d+)");
  private static final int SPARE_DESCRIPTORS = 16;
  private static final int QUIET_TRIES = 300;

  /** The server ended before it listened. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    /** What the JVM writes before the message of an exception that ends it. */
    private static final Pattern UNCAUGHT =
        Pattern.compile("(?m)^Exception in thread \"[^\"]*\" [\\w.$]+: (.*)$");

    private final String errors;

    private RefusedException(Peer peer, String errors) {
      super(peer.name() + " ended before it listened:\n" + errors);
      this.errors = errors;
    }

    /** Why, in the server's own words. */
    String sentence() {
      Matcher uncaught = UNCAUGHT.matcher(errors);
      return uncaught.find() ? uncaught.group(1) : errors.lines().findFirst().orElse("nothing");
    }
  }

  private final Peer peer;
  private final Process process;
  private final String host;
  private final int port;
  private final long ownDescriptors;

  private ServerProcess(Peer peer, Process process, Matcher address) throws IOException {
    this.peer = peer;
    this.process = process;
    this.host = address.group(1);
    this.port = Integer.parseInt(address.group(2));
    this.ownDescriptors = descriptors();
  }

  /** Starts the peer and waits until it listens. */
  static ServerProcess start(Peer peer, Path logs) throws IOException {
    Files.createDirectories(logs);
    Path errors = logs.resolve(peer.name() + ".err");
    ProcessBuilder builder = new ProcessBuilder(Children.pinned(CORE, peer.command()));
    Process process = Children.start(builder.redirectError(errors.toFile()));
    BufferedReader output = process.inputReader();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher address = LISTENING.matcher(line);
      if (address.find()) {
        return new ServerProcess(peer, process, address);
      }
    }
    Children.end(process);
    throw new RefusedException(peer, Files.readString(errors));
  }

  Peer peer() {
    return peer;
  }

  long pid() {
    return process.pid();
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  /** Waits until the connections of the client before are closed on this side too. */
  void awaitQuiet() throws IOException {
    for (int i = 0; i < QUIET_TRIES && descriptors() > ownDescriptors + SPARE_DESCRIPTORS; i++) {
      Children.sleep(0.1);
    }
  }

  private long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
      return open.count();
    }
  }

  @Override
  public void close() {
    Children.end(process);
  }
}
