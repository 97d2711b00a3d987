package io.janus.contract;

import io.janus.Janus;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a main class of the tests in a JVM of its own, on the class path and without native access for anybody else. */
public final class ChildJvm {
  /** How it ended. */
  public record Ended(int code, String output) {}

  private ChildJvm() {}

  /** Runs it to its end. */
  public static Ended run(Class<?> main, String... arguments)
      throws IOException, InterruptedException, URISyntaxException {
    return run(List.of(), List.of(), main, arguments);
  }

  /**
   * Runs it to its end under another program.
   *
   * @param prefix the other program and its arguments
   */
  public static Ended run(List<String> prefix, Class<?> main, String... arguments)
      throws IOException, InterruptedException, URISyntaxException {
    return run(prefix, List.of(), main, arguments);
  }

  /**
   * Runs it to its end under another program.
   *
   * @param prefix the other program and its arguments
   * @param options of the JVM
   */
  public static Ended run(
      List<String> prefix, List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException, URISyntaxException {
    return run(prefix, options, List.of(), main, arguments);
  }

  /**
   * Runs it to its end.
   *
   * @param first directories with class files that take the place of the project's
   */
  public static Ended runWithFirst(List<Path> first, Class<?> main, String... arguments)
      throws IOException, InterruptedException, URISyntaxException {
    return run(List.of(), List.of(), first, main, arguments);
  }

  /** Starts it; whoever does so ends it. */
  public static Process start(Class<?> main, String... arguments)
      throws IOException, URISyntaxException {
    return start(List.of(), List.of(), List.of(), main, arguments);
  }

  private static Ended run(
      List<String> prefix, List<String> options, List<Path> first, Class<?> main,
      String... arguments) throws IOException, InterruptedException, URISyntaxException {
    Process process = start(prefix, options, first, main, arguments);
    String output = new String(process.getInputStream().readAllBytes());
    return new Ended(process.waitFor(), output);
  }

  private static Process start(
      List<String> prefix, List<String> options, List<Path> first, Class<?> main,
      String... arguments) throws IOException, URISyntaxException {
    List<String> command = new ArrayList<>(prefix);
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(options);
    StringBuilder classPath = new StringBuilder();
    first.forEach(directory -> classPath.append(directory).append(File.pathSeparator));
    classPath.append(classes(Janus.class)).append(File.pathSeparator).append(classes(main));
    command.addAll(List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED",
        "--illegal-native-access=deny", "-XX:-PrintWarnings", "-cp", classPath.toString(),
        main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** The directory below which the class's package lies; not asked of the module, which the tests are patched into. */
  private static Path classes(Class<?> type) throws URISyntaxException {
    Path directory = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
    for (int i = 0; i <= type.getName().chars().filter(c -> c == '.').count(); i++) {
      directory = directory.getParent();
    }
    return directory;
  }
}
