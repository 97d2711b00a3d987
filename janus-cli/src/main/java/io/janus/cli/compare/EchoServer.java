package io.janus.cli.compare;

import io.janus.cli.terminal.CommandFailure;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.Json;
import io.janus.cli.terminal.SameJava;
import io.janus.socket.Address;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One engine's echo server in a process of its own, asked over its standard input. It ends with that input. */
final class EchoServer implements AutoCloseable {
  private static final int ANSWER_SECONDS = 30;
  private static final int CONNECTION_LOOKS = 300;
  private static final int LOOK_MILLIS = 10;
  private static final int CLOSE_SECONDS = 5;
  private static final String END = "";

  /** How a command that was asked for JSON tells that it has failed, before it ends. */
  private static final String FAILED = "{\"error\":";

  final Variant variant;
  private final Process process;
  private final Writer in;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final String command;
  private final Thread errorReader;
  private final Address address;
  private volatile String lastError = "";

  private EchoServer(Variant variant, Process process, String command)
      throws InterruptedException {
    this.variant = variant;
    this.process = process;
    this.command = command;
    this.in = process.outputWriter(StandardCharsets.US_ASCII);
    Thread.ofPlatform().name("janus-server-lines").daemon(true).start(this::readLines);
    errorReader =
        Thread.ofPlatform().name("janus-server-errors").daemon(true).start(this::readErrors);
    int port = (int) Json.number(answer(), "port");
    this.address = Address.parse("127.0.0.1:" + port);
  }

  static EchoServer start(Variant variant, Cores cores) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(cores.serverPrefix());
    // A fixed heap, touched at once, leaves native memory as all that can still grow.
    command.addAll(
        SameJava.janus(
            "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xms128m", "-Xmx128m",
            "-XX:+AlwaysPreTouch"));
    command.addAll(
        List.of(
            "echo", "--listen", "127.0.0.1:0", "--loops", "1", "--control", "--json", "--drain",
            "0",
            "--engine", variant.engine()));
    command.addAll(variant.options());
    Process process = new ProcessBuilder(command).start();
    try {
      return new EchoServer(variant, process, String.join(" ", command));
    } catch (InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  Address address() {
    return address;
  }

  /** What it has used so far. */
  ServerUsage usage() throws IOException, InterruptedException {
    return ServerUsage.read(process.pid(), ask("stats"));
  }

  /** Its memory after a collection, as a line of JSON. */
  String memory() throws IOException, InterruptedException {
    return ask("memory");
  }

  /** Waits until it holds so many connections, for a moment: a client is ahead of the server that accepts it. */
  void awaitConnections(int wanted) throws IOException, InterruptedException {
    for (int look = 0; look < CONNECTION_LOOKS
        && Json.number(ask("stats"), "connections") != wanted; look++) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
      if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private String ask(String question) throws IOException, InterruptedException {
    in.write(question + "\n");
    in.flush();
    return answer();
  }

  private String answer() throws InterruptedException {
    String line = lines.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
    if (line == null || line.equals(END) || line.startsWith(FAILED)) {
      if (line != null) {
        errorReader.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
      }
      throw new CommandFailure(
          ExitCode.INTERNAL,
          "the echo server with engine " + variant.name() + " "
              + (line == null
                  ? "did not answer for " + ANSWER_SECONDS + " s"
                  : "ended before it was asked to")
              + (lastError.isEmpty() ? " and said nothing"
                  : "; its last line was \"" + lastError + "\"")
              + "; it was started with `" + command + "`");
    }
    return line;
  }

  private void readErrors() {
    try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
      err.lines().filter(line -> !line.isBlank()).forEach(line -> lastError = line.strip());
    } catch (IOException | UncheckedIOException e) {
      // The server is gone, and so is what it would have said.
    }
  }

  private void readLines() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      out.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // The server is gone; whoever waits for its answer is told so.
    }
    lines.add(END);
  }
}
