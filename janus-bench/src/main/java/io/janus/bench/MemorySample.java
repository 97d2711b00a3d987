package io.janus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory a server holds.
 *
 * <p>The Java heap is touched as a whole when the JVM starts, so the resident size does not show
 * what fills it. It is taken out of the resident size and counted by what lives in it after a full
 * collection.
 *
 * @param nativeBytes private resident memory outside the Java heap
 * @param heapBytes live bytes in the Java heap; 0 for a process without one
 */
record MemorySample(long nativeBytes, long heapBytes) {
  private static final Pattern PRIVATE = Pattern.compile("Private_\\w+:\\s+(\\d+) kB");
  private static final Pattern GENERATION =
      Pattern.compile("total \\d+K, used (\\d+)K \\[0x(\\p{XDigit}+), 0x(\\p{XDigit}+),");
  private static final long KIB = 1024;
  private static final int HEX = 16;

  static MemorySample of(ServerProcess server) throws IOException {
    long used = 0;
    long committed = 0;
    if (server.peer().java()) {
      // Twice: the first collection leaves what finalizers and cleaners have yet to release.
      jcmd(server, "GC.run");
      jcmd(server, "GC.run");
      Matcher generation = GENERATION.matcher(jcmd(server, "GC.heap_info"));
      while (generation.find()) {
        used += Long.parseLong(generation.group(1)) * KIB;
        committed +=
            Long.parseUnsignedLong(generation.group(3), HEX)
                - Long.parseUnsignedLong(generation.group(2), HEX);
      }
      if (committed == 0) {
        throw new IOException(
            "jcmd GC.heap_info did not describe the heap of the serial collector");
      }
    }
    return new MemorySample(privateBytes(server.pid()) - committed, used);
  }

  private static long privateBytes(long pid) throws IOException {
    long total = 0;
    Matcher line = PRIVATE.matcher(Files.readString(Path.of("/proc/" + pid + "/smaps_rollup")));
    while (line.find()) {
      total += Long.parseLong(line.group(1)) * KIB;
    }
    return total;
  }

  private static String jcmd(ServerProcess server, String request) throws IOException {
    String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    ProcessBuilder builder = new ProcessBuilder(program, Long.toString(server.pid()), request);
    Process process = Children.start(builder.redirectErrorStream(true));
    String answer = new String(process.getInputStream().readAllBytes());
    if (Children.await(process) != 0) {
      throw new IOException("jcmd " + request + " failed: " + answer);
    }
    return answer;
  }
}
