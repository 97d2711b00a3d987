package io.janus.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says of a word that no command has what it may have been meant to be. */
final class Unknown {
  private static final Pattern VALUE_OF_A_FLAG =
      Pattern.compile("Invalid value for option ('[^']*'): ('.*') is not a boolean");
  private static final Pattern UNKNOWN_TOPIC = Pattern.compile("Unknown subcommand '(.*)'\\.?");

  private Unknown() {}

  /** One sentence without its hint to the help. */
  static String sentence(UnmatchedArgumentException failure) {
    CommandLine command = failure.getCommandLine();
    String word = failure.getUnmatched().getFirst();
    if (word.startsWith("-")) {
      return "Unknown option: '" + word + "'" + meant(Nearest.to(word, options(command)));
    }
    if (command.getSubcommands().isEmpty()) {
      return "'" + word + "' is not expected: " + command.getCommandSpec().qualifiedName()
          + " takes options only";
    }
    return unknownCommand(command, word);
  }

  /** What the parser says without a remedy, or in words of its own, said as all else is. */
  static String inOtherWords(CommandLine command, String sentence) {
    Matcher flag = VALUE_OF_A_FLAG.matcher(sentence);
    if (flag.matches()) {
      return "Option " + flag.group(1) + " takes no value, and is given " + flag.group(2)
          + "; leave that out";
    }
    Matcher topic = UNKNOWN_TOPIC.matcher(sentence);
    return topic.matches()
        ? unknownCommand(command.getCommandSpec().root().commandLine(), topic.group(1))
        : sentence;
  }

  private static String unknownCommand(CommandLine command, String word) {
    List<String> commands = List.copyOf(command.getSubcommands().keySet());
    return "Unknown command: '" + word + "'" + meant(Nearest.to(word, commands))
        + "; the commands are " + String.join(", ", commands);
  }

  private static String meant(@Nullable String nearest) {
    return nearest == null ? "" : ", did you mean " + nearest + "?";
  }

  private static List<String> options(CommandLine command) {
    List<String> names = new ArrayList<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!option.hidden()) {
        names.addAll(List.of(option.names()));
      }
    }
    return names;
  }
}
