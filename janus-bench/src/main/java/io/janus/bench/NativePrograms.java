package io.janus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The C programs of the benchmark, compiled when they are first asked for. */
final class NativePrograms {
  private enum Outcome {
    BUILT,
    NO_COMPILER,
    FAILED
  }

  private final Path sources;
  private final Path binaries;

  NativePrograms(Path home) {
    sources = home.resolve("src/main/c");
    binaries = home.resolve("target/native");
  }

  /** The program, compiled if it is older than its source; empty where there is no compiler. */
  Optional<Path> find(String name) {
    Outcome outcome = build(name, List.of());
    if (outcome == Outcome.FAILED) {
      throw new IllegalStateException("gcc could not compile " + name + ".c: see " + log(name));
    }
    return outcome == Outcome.BUILT ? Optional.of(binaries.resolve(name)) : Optional.empty();
  }

  /** The same, but also empty where the library is missing or too old to compile with. */
  Optional<Path> findWith(String library, String name) {
    Outcome outcome = build(name, List.of("-l" + library));
    return outcome == Outcome.BUILT ? Optional.of(binaries.resolve(name)) : Optional.empty();
  }

  private Outcome build(String name, List<String> libraries) {
    Path source = sources.resolve(name + ".c");
    Path binary = binaries.resolve(name);
    try {
      if (isFresh(binary, source)) {
        return Outcome.BUILT;
      }
      Files.createDirectories(binaries);
      List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-Wall"));
      command.addAll(List.of("-o", binary.toString(), source.toString()));
      command.addAll(libraries);
      return compile(new ProcessBuilder(command).redirectError(log(name).toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path log(String name) {
    return binaries.resolve(name + ".log");
  }

  private static boolean isFresh(Path binary, Path source) throws IOException {
    return Files.isExecutable(binary)
        && Files.getLastModifiedTime(binary).compareTo(Files.getLastModifiedTime(source)) >= 0;
  }

  private static Outcome compile(ProcessBuilder command) {
    Process gcc;
    try {
      gcc = command.start();
    } catch (IOException _) {
      // The only ordinary cause is that there is no gcc, and then the benchmark does without.
      return Outcome.NO_COMPILER;
    }
    return Children.await(gcc) == 0 ? Outcome.BUILT : Outcome.FAILED;
  }
}
