package io.janus.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The load client at work, alone on the other core. */
final class LoadClient implements AutoCloseable {
  private static final int CORE = 1;

  private final Process process;
  private final BufferedReader output;

  private LoadClient(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  static LoadClient start(Path program, ServerProcess server, LoadShape shape) throws IOException {
    return start(program, server, shape, List.of());
  }

  /** A client that waits for {@link #release} before its load and again before it hangs up. */
  static LoadClient startHeld(Path program, ServerProcess server, LoadShape shape)
      throws IOException {
    return start(program, server, shape, List.of("hold"));
  }

  private static LoadClient start(
      Path program, ServerProcess server, LoadShape shape, List<String> extra) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add(server.host());
    command.add(Integer.toString(server.port()));
    command.addAll(shape.arguments());
    command.addAll(extra);
    ProcessBuilder builder = new ProcessBuilder(Children.pinned(CORE, command));
    return new LoadClient(Children.start(builder.redirectError(ProcessBuilder.Redirect.INHERIT)));
  }

  /** All connections are open and the warm-up begins. */
  void awaitReady() throws IOException {
    expect("ready");
  }

  void release() throws IOException {
    process.outputWriter().write("\n");
    process.outputWriter().flush();
  }

  void awaitWindowStart() throws IOException {
    expect("window start");
  }

  void awaitWindowEnd() throws IOException {
    expect("window end");
  }

  LoadReport report() throws IOException {
    return LoadReport.parse(line());
  }

  private void expect(String wanted) throws IOException {
    String line = line();
    if (!line.equals(wanted)) {
      throw new IOException("the load client said '" + line + "' instead of '" + wanted + "'");
    }
  }

  private String line() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the load client ended early, with code " + Children.await(process));
    }
    return line;
  }

  @Override
  public void close() {
    Children.end(process);
  }
}
