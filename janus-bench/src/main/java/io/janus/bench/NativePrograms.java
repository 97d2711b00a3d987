package io.janus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The C programs of the benchmark, compiled when they are first asked for. */
final class NativePrograms {
  private final Path sources;
  private final Path binaries;

  NativePrograms(Path home) {
    sources = home.resolve("src/main/c");
    binaries = home.resolve("target/native");
  }

  /** The program, compiled if it is older than its source; empty where there is no compiler. */
  Optional<Path> find(String name) {
    Path source = sources.resolve(name + ".c");
    Path binary = binaries.resolve(name);
    try {
      if (isFresh(binary, source)) {
        return Optional.of(binary);
      }
      Files.createDirectories(binaries);
      return compile(source, binary) ? Optional.of(binary) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isFresh(Path binary, Path source) throws IOException {
    return Files.isExecutable(binary)
        && Files.getLastModifiedTime(binary).compareTo(Files.getLastModifiedTime(source)) >= 0;
  }

  private static boolean compile(Path source, Path binary) throws IOException {
    Process gcc;
    try {
      gcc =
          new ProcessBuilder("gcc", "-O2", "-Wall", "-o", binary.toString(), source.toString())
              .inheritIO()
              .start();
    } catch (IOException _) {
      // The only ordinary cause is that there is no gcc, and then the benchmark does without.
      return false;
    }
    if (Children.await(gcc) != 0) {
      throw new IOException("gcc could not compile " + source.getFileName());
    }
    return true;
  }
}
