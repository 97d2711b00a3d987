package io.janus.cli.terminal;

import io.janus.ffi.OsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
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

  private static final String JSON = "--json";

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    if (failure instanceof MissingParameterException) {
      failure = unknownOption(command, arguments, failure);
    }
    String why =
        failure instanceof UnmatchedArgumentException unmatched
            ? Unknown.sentence(unmatched)
            : Unknown.inOtherWords(command, String.valueOf(failure.getMessage()));
    // The sentence of the argument's own check says more than what the parser wraps around it.
    String sentence = why + "; try '" + command.getCommandSpec().qualifiedName() + " --help'";
    if (asksForJson(arguments)) {
      printJson(command.getOut(), ExitCode.USAGE, sentence);
    }
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
    boolean json = false;
    for (ParseResult at = parsed; at != null; at = at.subcommand()) {
      json |= at.hasMatchedOption(JSON);
    }
    return print(json ? command.getOut() : null, command.getErr(), failure);
  }

  /**
   * Prints the sentence of a failure and returns its exit code.
   *
   * @param out has the sentence and the code as JSON as well; null if that was not asked for
   */
  public static int print(@Nullable PrintWriter out, PrintWriter err, Throwable failure) {
    int code = code(failure);
    String sentence = sentence(failure);
    if (out != null) {
      printJson(out, code, sentence);
    }
    return print(err, code, sentence, failure);
  }

  /** True if these arguments ask for JSON, for failures that no command has seen. */
  public static boolean asksForJson(String... arguments) {
    return Arrays.asList(arguments).contains(JSON);
  }

  private static int code(Throwable failure) {
    return switch (failure) {
      case CommandFailure told -> told.exitCode();
      case IllegalCallerException refused -> ExitCode.PERMISSION;
      case OsException os -> ExitCode.of(os.error().kind());
      case UncheckedIOException io -> ExitCode.IO;
      case IOException io -> ExitCode.IO;
      case IllegalArgumentException bad -> ExitCode.USAGE;
      case UnsupportedOperationException missing -> ExitCode.UNAVAILABLE;
      case OutOfMemoryError memory -> ExitCode.SYSTEM;
      default -> ExitCode.INTERNAL;
    };
  }

  private static String sentence(Throwable failure) {
    return oneLine(
        switch (failure) {
          case IllegalCallerException refused ->
              "Java forbids native access to Janus; start it with " + HostSystem.launcher()
                  + ", or with --enable-native-access=io.janus.core";
          case CommandFailure told -> message(told);
          case OsException os -> message(os);
          case UncheckedIOException io -> message(io);
          case IOException io -> message(io);
          case IllegalArgumentException bad -> message(bad);
          case UnsupportedOperationException missing -> message(missing);
          case InterruptedException ended -> "interrupted before the end";
          case OutOfMemoryError memory ->
              "out of memory: " + memory.getMessage()
                  + "; give Java more with JANUS_JAVA_OPTS=-Xmx2g, or ask for less";
          default ->
              "internal error: " + failure + "; run again with JANUS_DEBUG=1 and report the stack";
        });
  }

  private static void printJson(PrintWriter out, int code, String sentence) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("error", oneLine(sentence));
    line.put("exitCode", code);
    out.println(Json.of(line));
    out.flush();
  }

  private static int print(PrintWriter err, int code, String sentence, Throwable failure) {
    err.println("janus: " + oneLine(sentence));
    if (DEBUG) {
      failure.printStackTrace(err);
    }
    err.flush();
    return code;
  }

  private static String message(Throwable failure) {
    return Objects.requireNonNullElseGet(failure.getMessage(), failure::toString);
  }

  private static String oneLine(String text) {
    return CommandWords.of(text).strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
