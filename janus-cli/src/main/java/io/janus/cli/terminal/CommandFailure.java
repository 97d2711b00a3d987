package io.janus.cli.terminal;

/** A command cannot do what was asked; the message is the one sentence that the person reads. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /**
   * @param exitCode one of {@link ExitCode}
   * @param sentence names the value, the limit and the remedy
   */
  public CommandFailure(int exitCode, String sentence) {
    super(sentence);
    this.exitCode = exitCode;
  }

  /** The process ends with it. */
  public int exitCode() {
    return exitCode;
  }
}
