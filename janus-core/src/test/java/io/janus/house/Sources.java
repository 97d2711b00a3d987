package io.janus.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project's own files, as a person would read them. */
final class Sources {
  /**
   * A source file.
   *
   * @param path below the project's directory
   */
  record Source(Path path, List<String> lines) {
    String name() {
      return path.getFileName().toString().replace(".java", "");
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  private Sources() {}

  /** The project's directory: tests run in their module's. */
  static Path project() {
    Path module = Path.of("").toAbsolutePath();
    return Files.exists(module.resolve("janus-core")) ? module : module.getParent();
  }

  static List<Source> main() {
    return below("janus-core/src/main/java");
  }

  static List<Source> tests() {
    return below("janus-core/src/test/java");
  }

  /** Every Java file of every module. */
  static List<Source> all() {
    return Stream
        .of("janus-core/src", "janus-cli/src", "janus-bench/src", "examples/src")
        .flatMap(directory -> below(directory).stream())
        .toList();
  }

  private static List<Source> below(String directory) {
    try (Stream<Path> files = Files.walk(project().resolve(directory))) {
      return files.filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .map(Sources::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Source read(Path file) {
    try {
      return new Source(project().relativize(file), Files.readAllLines(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
