package io.janus.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says of a word that no command has what it may have been meant to be. */
final class Unknown {
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
