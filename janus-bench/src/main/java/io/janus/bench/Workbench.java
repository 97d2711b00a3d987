package io.janus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The folder and the programs every mode of the harness works with. */
final class Workbench {
  private final NativePrograms programs;
  private final Path client;
  private final Path logs;

  Workbench() {
    Path home = home();
    programs = new NativePrograms(home);
    logs = home.resolve("target/bench-logs");
    client =
        programs
            .find("load_epoll")
            .orElseThrow(() -> new IllegalStateException("the load client needs gcc"));
  }

  /** The module's folder: named by the script that runs this, or else the current one. */
  private static Path home() {
    Path home = Path.of(System.getProperty("janus.bench.home", "")).toAbsolutePath();
    if (!Files.exists(home.resolve("src/main/c/load_epoll.c"))) {
      throw new IllegalStateException("set janus.bench.home to the folder of janus-bench");
    }
    return home;
  }

  NativePrograms programs() {
    return programs;
  }

  Path logs() {
    return logs;
  }

  ServerProcess start(Peer peer) throws IOException {
    return ServerProcess.start(peer, logs);
  }

  /** The peers that start here; of each other one it prints in a sentence why not. */
  List<Peer> startable(List<Peer> peers) throws IOException {
    List<Peer> startable = new ArrayList<>();
    for (Peer peer : peers) {
      try (ServerProcess _ = start(peer)) {
        startable.add(peer);
      } catch (ServerProcess.RefusedException e) {
        System.out.println("Left out: " + peer.name() + ", for it says: " + e.sentence());
      }
    }
    return startable;
  }

  LoadClient load(ServerProcess server, LoadShape shape) throws IOException {
    return LoadClient.start(client, server, shape);
  }

  LoadClient loadHeld(ServerProcess server, LoadShape shape) throws IOException {
    return LoadClient.startHeld(client, server, shape);
  }

  Measurement measure(ServerProcess server, LoadShape shape) throws IOException {
    return Measurement.take(client, server, shape);
  }

  /** Another peer first in every round, so that drift of the machine favours none. */
  static <T> List<T> rotated(List<T> peers, int round) {
    List<T> rotated = new ArrayList<>(peers);
    Collections.rotate(rotated, -round);
    return rotated;
  }
}
