package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import io.janus.cli.terminal.HostSystem;
import io.janus.cli.terminal.SameJava;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The real command in a process of its own, with its lines. */
final class JanusProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 50;
  private static final Pattern LISTENING = Pattern.compile("listening on [^ ]*:(\\d+)");

  private final Process process;
  private final List<String> out = new ArrayList<>();
  private final List<String> err = new ArrayList<>();
  private final Thread outReader;
  private final Thread errReader;

  private JanusProcess(Process process) {
    this.process = process;
    outReader = Thread.ofVirtual().start(() -> read(process.inputReader(), out));
    errReader = Thread.ofVirtual().start(() -> read(process.errorReader(), err));
  }

  static JanusProcess start(String... arguments) throws IOException {
    return start(List.of(), arguments);
  }

  /**
   * Starts the command under another program.
   *
   * @param prefix the other program and its arguments
   */
  static JanusProcess start(List<String> prefix, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(command(arguments));
    return new JanusProcess(new ProcessBuilder(command).start());
  }

  /**
   * The same with a terminal as its three streams, whose lines come as those of its output.
   *
   * @param redirection in the words of the shell, for what is to go elsewhere
   */
  static JanusProcess onTerminal(String redirection, String... arguments) throws IOException {
    String quoted =
        command(arguments).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" ", "exec ", " " + redirection));
    return new JanusProcess(
        new ProcessBuilder("/usr/bin/script", "-qec", quoted, "/dev/null").start());
  }

  private static List<String> command(String... arguments) {
    List<String> command =
        HostSystem.WINDOWS
            ? throughMain(RaisingJanus.class)
            : new ArrayList<>(
                SameJava.janus("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The same with io_uring denied by a seccomp filter that answers this errno. */
  static JanusProcess denied(int errno, String... arguments) throws Exception {
    return denied(Integer.toString(errno), arguments);
  }

  /** The same with one opcode of io_uring_register denied. */
  static JanusProcess deniedRegistration(int errno, int opcode, String... arguments)
      throws Exception {
    return denied(errno + "@" + opcode, arguments);
  }

  private static JanusProcess denied(String what, String... arguments) throws Exception {
    List<String> command = throughMain(DeniedJanus.class);
    command.add(what);
    command.addAll(List.of(arguments));
    return new JanusProcess(new ProcessBuilder(command).start());
  }

  /** The same by a main class of the tests, which runs the command in the end. */
  static JanusProcess throughMain(Class<?> main, List<String> options, String... arguments)
      throws IOException {
    List<String> command = throughMain(main);
    command.addAll(1, options);
    command.addAll(List.of(arguments));
    return new JanusProcess(new ProcessBuilder(command).start());
  }

  /** A main class of the tests around that of Janus, so all of it lies on the class path. */
  private static List<String> throughMain(Class<?> main) {
    String modules = System.getProperty("jdk.module.path", System.getProperty("java.class.path"));
    Path tests;
    try {
      tests =
          Path.of(JanusProcess.class.getResource("JanusProcess.class").toURI())
              .resolve("../../../..")
              .normalize();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
    // Under Wine the JVM would warn of a call that Wine lacks.
    return new ArrayList<>(
        List.of(
            SameJava.janus().getFirst(), "-XX:-PrintWarnings", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-cp",
            modules + File.pathSeparator + tests, main.getName()));
  }

  /** The names of the engines of this system. */
  static Stream<String> engines() {
    return Arrays.stream(Engine.values()).filter(Engine::isOfThisSystem).map(Engine::id);
  }

  /** An echo server on a free port, ready; where io_uring or its table is forbidden, a test that asks for it is skipped with the reason. */
  static JanusProcess echo(String engine, String... more) throws Exception {
    if (engine.equals(Engine.URING.id())) {
      assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
      if (List.of(more).contains("direct")) {
        assumeTrue(Engine.URING.directRefusal().isEmpty(), Engine.URING.directRefusal());
      }
    }
    List<String> arguments =
        new ArrayList<>(List.of("echo", "--listen", "127.0.0.1:0", "--engine", engine));
    arguments.addAll(List.of(more));
    JanusProcess echo = start(arguments.toArray(String[]::new));
    echo.awaitOut("listening on");
    return echo;
  }

  InetSocketAddress address() {
    Matcher line = LISTENING.matcher(String.join("\n", out()));
    assertThat(line.find()).as("a line with the port in %s", out()).isTrue();
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(line.group(1)));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  List<String> out() {
    synchronized (out) {
      return List.copyOf(out);
    }
  }

  List<String> err() {
    synchronized (err) {
      return List.copyOf(err);
    }
  }

  void awaitOut(String part) throws InterruptedException {
    await(out, lines -> lines.stream().anyMatch(line -> line.contains(part)), part);
  }

  /** Waits until a line comes that begins so. */
  void awaitLastOut(String start) throws InterruptedException {
    await(out, lines -> !lines.isEmpty() && lines.getLast().startsWith(start), start);
  }

  void awaitErr(String part) throws InterruptedException {
    await(err, lines -> lines.stream().anyMatch(line -> line.contains(part)), part);
  }

  /** Waits until so many lines have come. */
  void awaitOutLines(int number) throws InterruptedException {
    await(out, lines -> lines.size() >= number, number + " lines");
  }

  /** Sends a signal; on Windows, which has none, the process raises it itself, save KILL. */
  void signal(String name) throws Exception {
    if (name.equals("KILL")) {
      process.destroyForcibly();
      return;
    }
    if (HostSystem.WINDOWS) {
      process.outputWriter().append(name).append('\n').flush();
      return;
    }
    assumeTrue(!name.equals("INT") || !ignoresInterrupts(),
        "this test run ignores SIGINT, as all that a shell starts in the background does, and so do its children");
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** Sends a signal to the command of {@link #onTerminal} itself. */
  void signalOnTerminal(String name) throws Exception {
    assumeTrue(!name.equals("INT") || !ignoresInterrupts(), "as above");
    ProcessHandle command = process.children().findFirst().orElseThrow();
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(command.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** Bit 2 of SigIgn in proc(5): a JVM that was started so takes no notice of SIGINT. */
  private static boolean ignoresInterrupts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status"))
        .stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  /** How a command calls this signal. */
  static String nameOf(String signal) {
    if (HostSystem.WINDOWS) {
      return signal.equals("INT") ? "Ctrl-C" : "the console is closing";
    }
    return "SIG" + signal;
  }

  /** Waits for the end and all lines. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .as("it ends; out %s, err %s", out(), err())
        .isTrue();
    outReader.join();
    errReader.join();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void await(List<String> lines, Predicate<List<String>> come, String what)
      throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (lines) {
      while (!come.test(lines)) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        assertThat(left).as("\"%s\" comes; out %s, err %s", what, out, err).isPositive();
        lines.wait(Math.max(1, Math.min(left, 500)));
      }
    }
  }

  private static void read(BufferedReader reader, List<String> lines) {
    try {
      reader.lines()
          .forEach(
              line -> {
                synchronized (lines) {
                  lines.add(line);
                  lines.notifyAll();
                }
              });
    } catch (UncheckedIOException closed) {
      // The process was ended and its stream closed; whoever still waits for a line is told by the wait.
    }
  }
}
