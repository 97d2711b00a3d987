package io.janus.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The servers this machine can run, in the order of the report. */
final class PeerRoster {
  /** The peer all others are compared with. */
  static final String TWIN = "c-epoll";

  private static final List<String> JVM_FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms64m",
          "-Xmx256m",
          "-XX:+AlwaysPreTouch",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED");

  /**
   * Netty at its best: on Java 25 it gives Unsafe up, and with it some speed, unless the JVM allows
   * it; and its leak detector samples buffers, which no other peer has to pay for.
   */
  private static final List<String> NETTY_FLAGS =
      List.of("--sun-misc-unsafe-memory-access=allow", "-Dio.netty.leakDetection.level=disabled");

  /** How many completions at once another C twin on io_uring asks for while it is busy. */
  private static final List<String> WAITS = List.of("64", "256");

  private final SequencedMap<String, Peer> peers = new LinkedHashMap<>();
  private final Map<String, String> absent = new LinkedHashMap<>();

  PeerRoster(NativePrograms programs) {
    Optional<Path> twin = programs.find("echo_epoll");
    if (twin.isPresent()) {
      peers.put(TWIN, new Peer(TWIN, List.of(twin.get().toString()), false));
    } else {
      absent.put(TWIN, "it needs gcc, which is not installed");
    }
    Optional<Path> ring = programs.findWith("uring", "echo_uring");
    if (ring.isPresent()) {
      peers.put("c-uring", new Peer("c-uring", List.of(ring.get().toString()), false));
      for (String batch : WAITS) {
        String name = "c-uring-" + batch;
        peers.put(name, new Peer(name, List.of(ring.get().toString(), "0", batch), false));
      }
    } else {
      absent.put("c-uring", "it is not built: gcc or liburing-dev (2.3 or newer) is missing");
    }
    addJava("bare-epoll", List.of(), "BareEcho", List.of());
    addJava("nio", List.of(), "NioEcho", List.of());
    addJava("netty-epoll", NETTY_FLAGS, "NettyEcho", List.of("epoll"));
    addJava("netty-uring", NETTY_FLAGS, "NettyEcho", List.of("uring"));
    addJava("netty-nio", NETTY_FLAGS, "NettyEcho", List.of("nio"));
    addJava("janus-epoll", List.of(), "JanusEcho", List.of("epoll", "127.0.0.1:0"));
    addJava("janus-emulated", List.of(), "JanusEcho", List.of("emulated", "127.0.0.1:0"));
    addJava("janus-uring", List.of(), "JanusEcho", List.of("uring", "127.0.0.1:0"));
    addJava(
        "janus-uring-direct", List.of(), "JanusEcho", List.of("uring", "127.0.0.1:0", "direct"));
    addJava(
        "janus-uring-zc", List.of(), "JanusEcho", List.of("uring", "127.0.0.1:0", "zero-copy"));
  }

  /** The named peers, or all there are; says in a sentence which cannot run. */
  List<Peer> select(@Nullable List<String> names) {
    absent.forEach(
        (name, why) -> {
          if (names == null || names.contains(name)) {
            System.out.println("Left out: " + name + ", for " + why + ".");
          }
        });
    if (names == null) {
      return List.copyOf(peers.values());
    }
    List<Peer> selected = new ArrayList<>();
    for (String name : names) {
      Peer peer = peers.get(name);
      if (peer != null) {
        selected.add(peer);
      } else if (!absent.containsKey(name)) {
        throw new IllegalArgumentException("no such server: " + name);
      }
    }
    return selected;
  }

  private void addJava(String name, List<String> flags, String main, List<String> arguments) {
    String mainClass = PeerRoster.class.getPackageName() + "." + main;
    if (!present(mainClass)) {
      absent.put(name, mainClass + " is not on the class path");
      return;
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_FLAGS);
    command.addAll(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass);
    command.addAll(arguments);
    peers.put(name, new Peer(name, List.copyOf(command), true));
  }

  /** Also false where the class is there and a library it extends is not. */
  private static boolean present(String className) {
    try {
      Class<?> type = Class.forName(className, false, PeerRoster.class.getClassLoader());
      return type.getDeclaredMethods().length > 0;
    } catch (ClassNotFoundException | LinkageError _) {
      return false;
    }
  }
}
