package io.janus.cli.terminal;

import io.janus.ffi.OsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one line on the error stream and an exit code; stacks only with JANUS_DEBUG=1. */
public final class FailurePrinter
    implements
      IExecutionExceptionHandler,
      IParameterExceptionHandler {
  /** True if the person asked for stacks. */
  public static final boolean DEBUG = "1".equals(System.getenv("JANUS_DEBUG"));

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    if (failure instanceof MissingParameterException) {
      failure = unknownOption(command, arguments, failure);
    }
    // The sentence of the argument's own check says more than what the parser wraps around it.
    String sentence =
        String.valueOf(failure.getMessage())
            + "; try '" + command.getCommandSpec().qualifiedName() + " --help'";
    return print(command.getErr(), ExitCode.USAGE, sentence, failure);
  }

  /** The parser tells what is missing before it tells what it does not know; a person who mistyped a name needs the latter. */
  private static ParameterException unknownOption(
      CommandLine command, String[] arguments, ParameterException missing) {
    CommandLine root = command.getCommandSpec().root().commandLine();
    root.getCommandSpec().parser().collectErrors(true);
    for (CommandLine known : root.getSubcommands().values()) {
      known.getCommandSpec().parser().collectErrors(true);
    }
    ParseResult parsed = root.parseArgs(arguments).subcommand();
    return parsed == null ? missing : firstUnknown(parsed, missing);
  }

  private static ParameterException firstUnknown(ParseResult parsed, ParameterException missing) {
    return parsed.errors()
        .stream()
        .filter(UnmatchedArgumentException.class::isInstance)
        .map(UnmatchedArgumentException.class::cast)
        .findFirst()
        .map(ParameterException.class::cast)
        .orElse(missing);
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, @Nullable ParseResult parsed) {
    return print(command.getErr(), failure);
  }

  /** Prints the sentence of a failure and returns its exit code. */
  public static int print(PrintWriter err, Throwable failure) {
    return switch (failure) {
      case CommandFailure told -> print(err, told.exitCode(), sentence(told), told);
      case IllegalCallerException refused -> print(
          err,
          ExitCode.PERMISSION,
          "Java forbids native access to Janus; start it with " + HostSystem.launcher()
              + ", or with --enable-native-access=io.janus.core",
          refused);
      case OsException os ->
          print(err, ExitCode.of(os.error().kind()), sentence(os), os);
      case UncheckedIOException io -> print(err, ExitCode.IO, sentence(io), io);
      case IOException io -> print(err, ExitCode.IO, sentence(io), io);
      case IllegalArgumentException bad -> print(err, ExitCode.USAGE, sentence(bad), bad);
      case UnsupportedOperationException missing ->
          print(err, ExitCode.UNAVAILABLE, sentence(missing), missing);
      case InterruptedException ended ->
          print(err, ExitCode.INTERNAL, "interrupted before the end", ended);
      case OutOfMemoryError memory ->
          print(
              err,
              ExitCode.SYSTEM,
              "out of memory: " + memory.getMessage()
                  + "; give Java more with JANUS_JAVA_OPTS=-Xmx2g in the environment, or ask for less",
              memory);
      default ->
          print(
              err,
              ExitCode.INTERNAL,
              "internal error: " + failure + "; run again with JANUS_DEBUG=1 and report the stack",
              failure);
    };
  }

  private static int print(PrintWriter err, int code, String sentence, Throwable failure) {
    err.println("janus: " + oneLine(sentence));
    if (DEBUG) {
      failure.printStackTrace(err);
    }
    err.flush();
    return code;
  }

  private static String sentence(Throwable failure) {
    return Objects.requireNonNullElseGet(failure.getMessage(), failure::toString);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
