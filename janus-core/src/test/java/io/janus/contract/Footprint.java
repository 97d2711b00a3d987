package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.call.SystemName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the process holds of the system: its sockets, pollers, ports and eventfds by name, and the mapped bytes.
 *
 * @param descriptors as /proc/self/fd names them, without the files and pipes of the JVM itself; on Windows as {@link WindowsHandles}
 *     knows them
 * @param mappedBytes as {@link NativeMemory} counts them
 */
public record Footprint(Set<String> descriptors, long mappedBytes) {
  private static final Path OPEN = Path.of("/proc/self/fd");

  /** The JDK opens a socket of its own with the first one that it closes. Call this before anything is counted. */
  public static void useTheSocketsOfTheJdkOnce() throws IOException {
    try (ServerSocket server = new ServerSocket(0);
        Socket client = new Socket("127.0.0.1", server.getLocalPort())) {
      assertThat(client.isConnected()).isTrue();
    }
  }

  /** What it holds now. */
  public static Footprint now() {
    if (SystemName.WINDOWS) {
      return new Footprint(WindowsHandles.open(), NativeMemory.mappedBytes());
    }
    try (Stream<Path> links = Files.list(OPEN)) {
      Set<String> names =
          links.map(Footprint::target)
              .filter(Objects::nonNull)
              .collect(Collectors.toCollection(TreeSet::new));
      return new Footprint(names, NativeMemory.mappedBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What must be the same before and after many connections: all descriptors. On Windows the kinds of handles and how many, save those of
   * the AFD device, which stay with their poller.
   */
  public Set<String> lasting() {
    return SystemName.WINDOWS ? Set.of(count("socket") + " sockets", count("port") + " ports")
        : descriptors;
  }

  private long count(String kind) {
    return descriptors.stream().filter(name -> name.startsWith(kind)).count();
  }

  private static String target(Path link) {
    try {
      String name = Files.readSymbolicLink(link).toString();
      boolean ours = name.startsWith("socket:") || name.startsWith("anon_inode:");
      return ours ? link.getFileName() + " " + name : null;
    } catch (IOException e) {
      // The descriptor of the listing itself is gone by now.
      return null;
    }
  }
}
