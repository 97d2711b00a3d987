package io.janus.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import sun.misc.Signal;

/**
 * The command line with a standard input whose lines are names of signals that it raises. Windows has no signals between processes, and
 * its Ctrl-C goes to every process of a console, the tests' own among them.
 */
final class RaisingJanus {
  private RaisingJanus() {}

  /** Takes what the command line takes. */
  public static void main(String[] arguments) {
    Thread.ofPlatform().name("raise").daemon(true).start(RaisingJanus::raiseAll);
    Main.main(arguments);
  }

  private static void raiseAll() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      for (String name = in.readLine(); name != null; name = in.readLine()) {
        Signal.raise(new Signal(name));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
