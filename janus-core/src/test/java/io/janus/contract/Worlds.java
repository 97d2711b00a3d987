package io.janus.contract;

import io.janus.completion.uring.UringProbe;
import io.janus.ffi.call.SystemName;
import io.janus.simulation.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * All backends that the contract tests run on. A new backend, real or simulated, is one line in {@link #all}; every contract
 * test takes its parameters from here.
 */
public final class Worlds {
  /** A contract. */
  public enum Face {
    POLLER,
    PORT,
    MANAGER
  }

  /**
   * A backend.
   *
   * @param name for the test report
   * @param faces contracts for which it is not the same as a backend above it in the list
   * @param maker opens it for the calling thread
   */
  public record Entry(String name, Set<Face> faces, boolean threads, Supplier<World> maker) {
    @Override
    public String toString() {
      return name;
    }
  }

  private Worlds() {}

  /** Every backend. */
  public static List<Entry> all() {
    List<Entry> all = new ArrayList<>();
    if (SystemName.LINUX) {
      addLinux(all);
    }
    if (SystemName.WINDOWS) {
      addWindows(all);
    }
    all.add(simulated("sim-epoll", Face.POLLER, Face.MANAGER));
    all.add(simulated("sim-afd", Face.POLLER, Face.MANAGER));
    all.add(simulated("sim-afd-emulated", Face.PORT, Face.MANAGER));
    all.add(simulated("sim-port", Face.PORT, Face.MANAGER));
    return all;
  }

  private static void addLinux(List<Entry> all) {
    all.add(new Entry("epoll", Set.of(Face.POLLER, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.EPOLL)));
    all.add(new Entry("emulated", Set.of(Face.PORT, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.EMULATED)));
    all.add(new Entry("emulated-waits-first", Set.of(Face.PORT, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.EMULATED_WAITS_FIRST)));
    all.add(new Entry("uring", Set.of(Face.PORT, Face.MANAGER), true,
        () -> uring(KernelWorld.Engine.URING)));
    all.add(new Entry("uring-direct", Set.of(Face.PORT, Face.MANAGER), true,
        () -> uring(KernelWorld.Engine.URING_DIRECT)));
    all.add(new Entry("uring-zero-copy", Set.of(Face.MANAGER), true,
        () -> uring(KernelWorld.Engine.URING_ZERO_COPY)));
    all.add(new Entry("uring-direct-zero-copy", Set.of(Face.MANAGER), true,
        () -> uring(KernelWorld.Engine.URING_DIRECT_ZERO_COPY)));
    all.add(simulated(SimWorld.RING_ZERO_COPY, Face.MANAGER));
    all.add(simulated("sim-uring", Face.PORT, Face.MANAGER));
    all.add(simulated("sim-uring-direct", Face.PORT, Face.MANAGER));
  }

  private static void addWindows(List<Entry> all) {
    all.add(new Entry("afd", Set.of(Face.POLLER, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.AFD)));
    all.add(new Entry("afd-emulated", Set.of(Face.PORT, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.EMULATED)));
    all.add(new Entry("afd-emulated-waits-first", Set.of(Face.PORT, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.EMULATED_WAITS_FIRST)));
    all.add(new Entry("iocp", Set.of(Face.PORT, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.IOCP)));
    // Every operation ends by a packet, also one that is done at once.
    all.add(new Entry("iocp-packets", Set.of(Face.PORT, Face.MANAGER), true,
        () -> new KernelWorld(KernelWorld.Engine.IOCP_PACKETS)));
  }

  /** Where io_uring or its table is forbidden every test on it is skipped, and says why. */
  private static World uring(KernelWorld.Engine engine) {
    Refusal.skipIf(UringProbe.refusal());
    if (engine.isDirect()) {
      Refusal.skipIf(UringProbe.directRefusal(KernelWorld.DIRECT_DESCRIPTORS));
    }
    return new KernelWorld(engine);
  }

  private static Entry simulated(String name, Face... faces) {
    return new Entry(name, Set.of(faces), false, () -> SimWorld.named(name));
  }

  /** Backends with a poller of their own. */
  public static Stream<Entry> pollers() {
    return all().stream().filter(entry -> entry.faces().contains(Face.POLLER));
  }

  /** Backends with a completion port of their own. */
  public static Stream<Entry> ports() {
    return all().stream().filter(entry -> entry.faces().contains(Face.PORT));
  }

  /** Backends with a completion port that can stand on a thread of its own, below a shared port. */
  public static Stream<Entry> sharedPorts() {
    return ports().filter(Entry::threads);
  }

  /** Backends with a connection manager, each driven turn by turn, and by a thread where it has threads. */
  public static Stream<Arguments> managers() {
    return all().stream()
        .filter(entry -> entry.faces().contains(Face.MANAGER))
        .flatMap(
            entry -> Stream.of(Drive.values())
                .filter(drive -> entry.threads() || drive == Drive.BY_TURNS)
                .map(drive -> Arguments.of(entry, drive)));
  }

  /** Backends with a connection manager, driven turn by turn. */
  public static Stream<Arguments> managersByTurns() {
    return managers().filter(arguments -> arguments.get()[1] == Drive.BY_TURNS);
  }

  /** Backends with a connection manager over a completion port. */
  public static Stream<Arguments> completionManagers() {
    return managers()
        .filter(arguments -> ((Entry) arguments.get()[0]).faces().contains(Face.PORT));
  }

  /** Backends with a connection manager, whose sends are not copied into the kernel. */
  public static Stream<Arguments> zeroCopyManagers() {
    return managers()
        .filter(arguments -> arguments.get()[0].toString().endsWith("zero-copy"));
  }

  /** Backends with a connection manager on real threads. */
  public static Stream<Arguments> threadedManagers() {
    return managers().filter(arguments -> arguments.get()[1] == Drive.BY_THREAD);
  }
}
