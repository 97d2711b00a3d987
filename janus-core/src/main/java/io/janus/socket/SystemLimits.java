package io.janus.socket;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.SystemName;
import io.janus.ffi.linux.Rlimit;
import io.janus.ffi.linux.SysResource;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What the system allows this process, read when asked; −1 where there is no limit or it cannot be told. Windows bounds handles by
 * memory only, and tells its ports and backlogs to nobody but an administrator's tools, so there all are −1.
 *
 * @param descriptors descriptors that the process may have open now (soft limit)
 * @param hardDescriptors how far the process may raise that
 * @param lockedBytes bytes of memory that it may lock
 * @param backlog most connections that the kernel holds for one listener (somaxconn)
 * @param firstPort first local port for outgoing connections
 * @param lastPort last one
 */
public record SystemLimits(
    long descriptors,
    long hardDescriptors,
    long lockedBytes,
    long backlog,
    int firstPort,
    int lastPort) {

  /** Reads them. */
  public static SystemLimits read() {
    return SystemName.LINUX ? readLinux() : new SystemLimits(-1, -1, -1, -1, -1, -1);
  }

  private static SystemLimits readLinux() {
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      MemorySegment limit = scratch.allocate(Rlimit.LAYOUT);
      SysResource.getrlimit(errno, Rlimit.NOFILE, limit);
      long descriptors = Rlimit.soft(limit);
      long hardDescriptors = Rlimit.hard(limit);
      SysResource.getrlimit(errno, Rlimit.MEMLOCK, limit);
      List<Long> backlog = numbers("/proc/sys/net/core/somaxconn");
      List<Long> ports = numbers("/proc/sys/net/ipv4/ip_local_port_range");
      return new SystemLimits(
          descriptors,
          hardDescriptors,
          Rlimit.soft(limit),
          backlog.isEmpty() ? -1 : backlog.getFirst(),
          ports.isEmpty() ? -1 : ports.getFirst().intValue(),
          ports.size() < 2 ? -1 : ports.get(1).intValue());
    }
  }

  private static List<Long> numbers(String file) {
    // One large read: a file of /proc/sys gives nothing more to a second one.
    try (BufferedReader reader = Files.newBufferedReader(Path.of(file))) {
      return Arrays.stream(Objects.requireNonNullElse(reader.readLine(), "").trim().split("\\s+"))
          .map(Long::parseLong)
          .toList();
    } catch (IOException | NumberFormatException e) {
      // A sandbox may hide /proc; the limit is then unknown, which is not an error.
      return List.of();
    }
  }
}
