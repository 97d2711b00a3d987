package io.janus.cli.terminal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How this process was started, to start Janus once more in the same way. */
public final class SameJava {
  private static final String MAIN = "io.janus.cli.Main";

  private SameJava() {}

  /**
   * The same Java with the same modules, ready for the arguments of a command.
   *
   * @param options of the JVM
   */
  public static List<String> janus(String... options) {
    List<String> command = new ArrayList<>();
    command.add(
        ProcessHandle.current()
            .info()
            .command()
            .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of(options));
    String modules = System.getProperty("jdk.module.path");
    if (modules == null) {
      command.addAll(
          List.of(
              "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
              MAIN));
    } else {
      command.addAll(
          List.of(
              "--enable-native-access=io.janus.core", "-p", modules, "-m", "io.janus.cli/" + MAIN));
    }
    return command;
  }
}
