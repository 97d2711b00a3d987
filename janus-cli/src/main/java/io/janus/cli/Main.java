package io.janus.cli;

import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.FailurePrinter;
import java.io.PrintWriter;
import java.lang.module.ModuleDescriptor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Entry point of the {@code janus} command. */
@Command(
    name = "janus",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    description = "The Janus networking engine: readiness and completion, both faces on this system.",
    subcommands = {
      EchoCommand.class,
      LoadCommand.class,
      CompareCommand.class,
      DoctorCommand.class,
      HelpCommand.class
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    footer = {
      "",
      "JANUS_DEBUG=1 in the environment shows the stack behind an error."
    })
public final class Main implements Runnable {
  /** The width of the narrowest terminal that people use; on a wider one it reads as well. */
  private static final int HELP_WIDTH = 80;

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> FailurePrinter.print(null, err, failure));
    int code;
    try {
      // In the console's own encoding, which the parser takes to be UTF-8 even on Windows.
      PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
      code = commandLine().setOut(out).setErr(err).execute(args);
    } catch (Throwable e) {
      // The parser passes on what is no Exception, such as a lack of memory.
      PrintWriter out =
          FailurePrinter.asksForJson(args)
              ? new PrintWriter(System.out, true, System.out.charset())
              : null;
      code = FailurePrinter.print(out, err, e);
    }
    System.exit(isOutputLost(code, err) ? ExitCode.IO : code);
  }

  /** A full disk behind standard output must not look like success. */
  private static boolean isOutputLost(int code, PrintWriter err) {
    boolean lost = code == ExitCode.OK && System.out.checkError();
    if (lost) {
      err.println(
          "janus: writing to standard output failed, so what is above may not be all; look at the disk or the program behind it");
    }
    return lost;
  }

  /** The command line with its handlers of failures, ready to execute. */
  static CommandLine commandLine() {
    FailurePrinter failures = new FailurePrinter();
    CommandLine janus = new CommandLine(new Main());
    janus.getCommandSpec().usageMessage().exitCodeList(ExitCode.table());
    janus.getSubcommands()
        .values()
        .forEach(
            command -> command.getCommandSpec().usageMessage().exitCodeList(ExitCode.table()));
    return janus
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setUsageHelpWidth(HELP_WIDTH)
        .setAbbreviatedOptionsAllowed(false);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      ModuleDescriptor module = Main.class.getModule().getDescriptor();
      String version = module == null ? "dev" : module.rawVersion().orElse("dev");
      return new String[] {"janus " + version, "Java " + Runtime.version()};
    }
  }
}
