package io.janus.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs each example as a person would, in a process of its own, and talks to it by plain sockets. */
@Timeout(60)
class ExamplesTest {
  private static final int BULK_BYTES = 8 << 20;

  /** Less than the class's time limit, which cannot interrupt a test that reads from a process or from a socket. */
  private static final int LONGEST_SECONDS = 50;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endWhatWasStarted() throws InterruptedException {
    for (Process process : started) {
      end(process);
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }

  /** The first report of a program that took the default reporter, when nothing can be opened any more. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void serverOutOfDescriptorsSaysSoByThePlatformsLogger() throws Exception {
    Process server = launch(Redirect.PIPE, "Echo", "127.0.0.1:0", "epoll");
    int port = portOf(server);
    assertEchoes(port);
    try (Stream<Path> open = Files.list(Path.of("/proc/" + server.pid() + "/fd"))) {
      limitDescriptors(server, open.count() + 3);
    }
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        clients.add(new Socket("127.0.0.1", port));
      }
      BufferedReader errors = server.errorReader();
      assertThat(errors.readLine()).contains("io.janus");
      assertThat(errors.readLine())
          .contains("accepting pauses: the process has no descriptor left (EMFILE)");
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void echoSendsBackAllBytesOnEachEngine(Engine engine) throws Exception {
    requireRuns(engine);
    Process echo = launch(Redirect.INHERIT, "Echo", "127.0.0.1:0", engine.id());
    String line = echo.inputReader().readLine();
    assertThat(line).endsWith(" with " + engine.kernel());
    assertEchoes(portIn(line));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Echo", "PollerLoop", "PortLoop"})
  void everyEchoSendsBackAllBytes(String example) throws Exception {
    assertEchoes(start(example, "127.0.0.1:0"));
  }

  @ParameterizedTest
  @MethodSource("completionEngines")
  void portLoopSendsBackAllBytesOnEachEngine(Engine engine) throws Exception {
    requireRuns(engine);
    assertEchoes(start("PortLoop", "127.0.0.1:0", engine.id()));
  }

  /** A loop out of descriptors says so once, serves whom it has, and takes the others when it is given more. */
  @ParameterizedTest
  @EnabledOnOs(OS.LINUX)
  @ValueSource(strings = {"PollerLoop", "PortLoop uring", "PortLoop emulated"})
  void rawLoopOutOfDescriptorsSaysSoOnceAndAcceptsLater(String words) throws Exception {
    String[] example = words.split(" ");
    List<String> arguments = new ArrayList<>(List.of("127.0.0.1:0"));
    if (example.length > 1) {
      requireRuns(Engine.valueOf(example[1].toUpperCase(Locale.ROOT)));
      arguments.add(example[1]);
    }
    // The JVM would raise the limit by itself. It needs some descriptors of its own, so not all of these clients find one.
    List<String> limited =
        List.of("prlimit", "--nofile=100:1024", javaCommand(), "-XX:-MaxFDLimit");
    Process loop =
        launch(limited, Redirect.PIPE, example[0], arguments.toArray(String[]::new));
    int port = portOf(loop);
    assertEchoes(port);
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        clients.add(new Socket("127.0.0.1", port));
        clients.get(i).getOutputStream().write(i);
      }
      assertThat(loop.errorReader().readLine()).startsWith("accept: ")
          .contains("(EMFILE)")
          .endsWith("this line comes once");
      assertThat(clients.getFirst().getInputStream().read()).isZero();
      limitDescriptors(loop, 1024);
      for (int i = 1; i < 100; i++) {
        assertThat(clients.get(i).getInputStream().read()).isEqualTo(i);
      }
      assertEchoes(port);
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
    // The handle's destroy leaves the streams open.
    loop.toHandle().destroy();
    assertThat(loop.errorReader().readAllAsString()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void forwarderCarriesBothDirectionsAndTheEndOnEachEngine(Engine engine) throws Exception {
    requireRuns(engine);
    int target = start("Echo", "127.0.0.1:0");
    assertEchoes(start("Forwarder", "127.0.0.1:0", "127.0.0.1:" + target, engine.id()));
  }

  /** The target is told once to be gone, and once to be there again; the forwarder serves on all the time. */
  @Test
  void forwarderTellsOfATargetThatIsGoneAndServesOn() throws Exception {
    int target = freePort();
    Process forwarder =
        launch(Redirect.PIPE, "Forwarder", "127.0.0.1:0", "127.0.0.1:" + target);
    int port = portOf(forwarder);
    BufferedReader told = forwarder.errorReader();
    for (int i = 0; i < 3; i++) {
      try (Socket client = new Socket("127.0.0.1", port)) {
        assertThat(endOf(client)).isTrue();
      }
    }
    assertThat(told.readLine()).startsWith("target 127.0.0.1:" + target + ": ")
        .contains("ECONNREFUSED");
    portOf(launch(Redirect.INHERIT, "Echo", "127.0.0.1:" + target));
    assertEchoes(port);
    assertThat(told.readLine()).isEqualTo("target 127.0.0.1:" + target + " is there again");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void chatTellsTheOthersOnEachEngine(Engine engine) throws Exception {
    requireRuns(engine);
    int port = start("Chat", "127.0.0.1:0", engine.id());
    try (Socket one = new Socket("127.0.0.1", port);
        Socket other = new Socket("127.0.0.1", port)) {
      BufferedReader heardByOne = reader(one);
      BufferedReader heardByOther = reader(other);
      // Two loops may take them in the other order, and who was there before hears of the one who comes.
      while (!heardByOne.ready() && !heardByOther.ready()) {
        Thread.sleep(5);
      }
      boolean oneWasFirst = heardByOne.ready();
      BufferedReader heard = oneWasFirst ? heardByOne : heardByOther;
      assertThat(heard.readLine()).contains("joined");
      Socket speaker = oneWasFirst ? other : one;
      speaker.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
      assertThat(heard.readLine()).isEqualTo("hello");
    }
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Two threads need not meet in one run, so it may take several; without the race no number of runs would do. */
  @ParameterizedTest
  @MethodSource("completionEngines")
  void sharedPortRaceShowsTwoWorkersInOneHandler(Engine engine) throws Exception {
    requireRuns(engine);
    for (int i = 0; i < 10; i++) {
      String output = run("SharedPortRace", engine.id(), "16", "128");
      assertThat(output).contains("16 connections were open at once, 0 failed",
          "race over " + engine.kernel() + ":");
      if (!output.contains(" 0 began while") && !output.contains(" 0 bytes out of order")) {
        return;
      }
    }
    throw new AssertionError("the race never showed");
  }

  @ParameterizedTest
  @MethodSource("completionEnginesWithBatches")
  void sharedPortCureKeepsOrderWithoutOverlap(Engine engine, String batch) throws Exception {
    requireRuns(engine);
    assertThat(run("SharedPortCure", engine.id(), "64", "64", "4", batch))
        .contains("64 connections were open at once, 0 failed, 0 wrong bytes came back")
        .contains(" 0 began while another one of the same connection ran, 0 bytes out of order")
        .contains("served over " + engine.kernel());
  }

  @ParameterizedTest
  @MethodSource("completionEngines")
  void sharedPortFairnessPrintsARowForEachBatch(Engine engine) throws Exception {
    requireRuns(engine);
    assertThat(run("SharedPortFairness", engine.id(), "64", "8", "2"))
        .contains("| 1 | ", "| 64 | ", "| 256 | ", "served over " + engine.kernel());
  }

  @Test
  void sharedPortExampleTakesTheBestEngineOfThisMachineWhereNoneIsNamed() throws Exception {
    Engine best =
        completionEngines().filter(engine -> engine.refusal().isEmpty()).findFirst().orElseThrow();
    assertThat(run("SharedPortCure", "8", "8")).contains("served over " + best.kernel());
  }

  private static Stream<Engine> engines() {
    return Arrays.stream(Engine.values()).filter(Engine::isOfThisSystem);
  }

  private static Stream<Engine> completionEngines() {
    return engines().filter(engine -> engine.face().equals("completion"));
  }

  private static Stream<Arguments> completionEnginesWithBatches() {
    return completionEngines()
        .flatMap(engine -> Stream.of("1", "64").map(batch -> Arguments.of(engine, batch)));
  }

  private static void requireRuns(Engine engine) {
    assumeTrue(engine.refusal().isEmpty(), engine.refusal());
  }

  /** Soft limit of a running process up to the hard one. */
  private static void limitDescriptors(Process process, long most) throws Exception {
    Process prlimit =
        new ProcessBuilder("prlimit", "--pid", "" + process.pid(), "--nofile=" + most + ":1024")
            .inheritIO()
            .start();
    assertThat(prlimit.waitFor()).as("prlimit").isZero();
  }

  private static boolean endOf(Socket client) {
    try {
      return client.getInputStream().read() < 0;
    } catch (IOException reset) {
      return true;
    }
  }

  private static void assertEchoes(int port) throws Exception {
    byte[] sent = new byte[BULK_BYTES];
    new Random(7).nextBytes(sent);
    try (Socket client = new Socket("127.0.0.1", port)) {
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.getOutputStream().write(sent);
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      assertThat(client.getInputStream().readNBytes(BULK_BYTES)).isEqualTo(sent);
      sender.join();
      client.shutdownOutput();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  /** Starts an example and returns the port that it tells. */
  private int start(String example, String... arguments) throws IOException {
    return portOf(launch(Redirect.INHERIT, example, arguments));
  }

  private static int portOf(Process process) throws IOException {
    return portIn(process.inputReader().readLine());
  }

  private static int portIn(String line) {
    assertThat(line).startsWith("listening on 127.0.0.1:");
    return Integer.parseInt(line.replaceFirst("listening on 127\\.0\\.0\\.1:(\\d+).*", "$1"));
  }

  /** Runs an example that ends by itself, and returns what it printed. */
  private String run(String example, String... arguments) throws Exception {
    Process process = launch(Redirect.INHERIT, example, arguments);
    String output = process.inputReader().readAllAsString();
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** One that nobody listens on now. */
  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private Process launch(Redirect errors, String example, String... arguments)
      throws IOException {
    return launch(List.of(javaCommand()), errors, example, arguments);
  }

  private static String javaCommand() {
    return ProcessHandle.current().info().command().orElse("java");
  }

  private Process launch(
      List<String> java, Redirect errors, String example, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(java);
    // Under Wine the JVM would warn of a call that Wine lacks, on the stream that is read here.
    command.addAll(List.of("-XX:-PrintWarnings", "--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add("io.janus.examples." + example);
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(errors).start();
    started.add(process);
    Thread.ofVirtual().start(() -> endIfItHangs(process, example + " " + List.of(arguments)));
    return process;
  }

  /** With its end come the end of its streams and sockets, and so the end of the test that waits for them. */
  private static void endIfItHangs(Process process, String name) {
    try {
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(name + " runs longer than " + LONGEST_SECONDS + " s and is ended:");
        family(process).forEach(ExamplesTest::printThreads);
        end(process);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void printThreads(ProcessHandle process) {
    try {
      Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
      System.err.println(
          new ProcessBuilder(jcmd.toString(), "" + process.pid(), "Thread.print")
              .start()
              .inputReader()
              .readAllAsString());
    } catch (IOException e) {
      System.err.println("its threads cannot be printed: " + e);
    }
  }

  /** With those that it started: they would go on and keep the streams of this JVM open, for which Maven waits without an end. */
  private static void end(Process process) {
    family(process).forEach(ProcessHandle::destroyForcibly);
  }

  private static List<ProcessHandle> family(Process process) {
    return Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
  }
}
