package io.janus.ffi;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.call.SystemName;
import io.janus.ffi.windows.ProcessMemoryCounters;
import io.janus.ffi.windows.Psapi;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of this process. Any thread may read it; nothing is cached.
 *
 * @param residentBytes in physical memory now, heap and all (VmRSS of /proc, the working set of Windows); −1 if the system does not tell
 * @param mappedBytes native memory that Janus has mapped and not given back: buffers, rings, tables
 */
public record ProcessMemory(long residentBytes, long mappedBytes) {

  /** Reads both. */
  public static ProcessMemory read() {
    return new ProcessMemory(
        SystemName.WINDOWS ? workingSet() : residentOfProc(), NativeMemory.mappedBytes());
  }

  private static long workingSet() {
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      MemorySegment counters = scratch.allocate(ProcessMemoryCounters.LAYOUT);
      return Psapi.getProcessMemoryInfo(errno, counters) < 0
          ? -1
          : ProcessMemoryCounters.workingSet(counters);
    }
  }

  private static long residentOfProc() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      // A sandbox may hide /proc.
    }
    return -1;
  }
}
