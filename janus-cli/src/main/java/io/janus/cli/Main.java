package io.janus.cli;

import java.lang.module.ModuleDescriptor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Entry point of the {@code janus} command. */
@Command(
    name = "janus",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "The Janus networking engine.")
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
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
