package io.janus.cli;

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
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:all went well",
      "64:a bad option or value",
      "65:bytes came back wrong (load --verify)",
      "69:an engine cannot run here, nobody listens, or the address is busy",
      "70:an error of Janus itself",
      "71:an error of the operating system",
      "74:reading, writing or the load failed",
      "77:the system forbids it to this user"
    },
    footer = {
      "",
      "JANUS_DEBUG=1 in the environment shows the stack behind an error."
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> FailurePrinter.print(err, failure));
    int code;
    try {
      // In the console's own encoding, which the parser takes to be UTF-8 even on Windows.
      PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
      code = commandLine().setOut(out).setErr(err).execute(args);
    } catch (Throwable e) {
      // The parser passes on what is no Exception, such as a lack of memory.
      code = FailurePrinter.print(err, e);
    }
    System.exit(code);
  }

  /** The command line with its handlers of failures, ready to execute. */
  static CommandLine commandLine() {
    FailurePrinter failures = new FailurePrinter();
    return new CommandLine(new Main())
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setUsageHelpWidth(110)
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
