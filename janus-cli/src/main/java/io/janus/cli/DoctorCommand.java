package io.janus.cli;

import io.janus.Engine;
import io.janus.cli.terminal.ConnectionRoom;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.Figure;
import io.janus.cli.terminal.HostSystem;
import io.janus.cli.terminal.Json;
import io.janus.ffi.SystemVersion;
import io.janus.limit.Limits;
import io.janus.socket.SystemLimits;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code janus doctor}: what this machine offers. */
@Command(
    name = "doctor",
    description = "Tells what this machine offers: kernel, engines or why not and the remedy, limits, cores.",
    footer = {"", "Examples:", "  janus doctor", "  janus doctor --json"})
final class DoctorCommand implements Callable<Integer> {
  /** Below so many descriptors a server meets its limit soon; the usual soft limit is 1,024. */
  private static final int FEW_DESCRIPTORS = 10_000;

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Prints the findings as JSON.") private boolean json;

  @Override
  public Integer call() {
    SystemLimits limits = SystemLimits.read();
    List<String> remarks = remarks(limits);
    boolean anyEngine = engines().stream().anyMatch(e -> e.refusal().isEmpty());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.of(findings(limits, remarks)));
    } else {
      print(out, limits, remarks, anyEngine);
    }
    out.flush();
    return anyEngine ? ExitCode.OK : ExitCode.UNAVAILABLE;
  }

  private static Map<String, Object> findings(SystemLimits limits, List<String> remarks) {
    Map<String, Object> found = new LinkedHashMap<>();
    SystemVersion version = SystemVersion.read();
    found.put("system", version.name());
    found.put("kernel", version.version());
    found.put("wine", version.wine());
    found.put("architecture", System.getProperty("os.arch"));
    found.put("cores", Runtime.getRuntime().availableProcessors());
    found.put("java", Runtime.version().toString());
    List<Object> engines = new ArrayList<>();
    for (Engine engine : engines()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("engine", engine.id());
      entry.put("face", engine.face());
      entry.put("kernel", engine.kernel());
      entry.put("available", engine.refusal().isEmpty());
      entry.put("refusal", engine.refusal());
      entry.put("offers", engine.refusal().isEmpty() ? engine.offers() : "");
      entry.put("shortcomings", engine.refusal().isEmpty() ? engine.shortcomings() : "");
      entry.put("setUp", engine.refusal().isEmpty() ? engine.setUp() : "");
      String direct = engine.refusal().isEmpty() ? engine.directRefusal() : "";
      entry.put(
          "directDescriptors",
          engine.refusal().isEmpty() && direct.isEmpty() ? engine.directDescriptors() : 0);
      entry.put("directRefusal", direct);
      engines.add(entry);
    }
    found.put("engines", engines);
    found.put("auto", autoChoice());
    Map<String, Object> bounds = new LinkedHashMap<>();
    bounds.put("descriptors", limits.descriptors());
    bounds.put("descriptorsHard", limits.hardDescriptors());
    bounds.put("lockedBytes", limits.lockedBytes());
    bounds.put("somaxconn", limits.backlog());
    bounds.put("firstPort", limits.firstPort());
    bounds.put("lastPort", limits.lastPort());
    bounds.put("ports", ports(limits));
    found.put("limits", bounds);
    found.put("remarks", remarks);
    return found;
  }

  private static void print(
      PrintWriter out, SystemLimits limits, List<String> remarks, boolean anyEngine) {
    row(
        out, "system",
        SystemVersion.read() + ", " + System.getProperty("os.arch"));
    row(out, "cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    row(out, "java", Runtime.version().toString());
    for (Engine engine : engines()) {
      String refusal = engine.refusal();
      row(
          out,
          "engine " + engine.id(),
          refusal.isEmpty()
              ? "available (" + engine.face() + " by " + engine.kernel() + ")" + offers(engine)
                  + lacks(engine)
              : "not available: " + refusal);
      if (refusal.isEmpty() && !engine.setUp().isEmpty()) {
        row(
            out, "  set-up",
            engine.setUp() + "; " + direct(engine));
      }
    }
    row(out, "engine auto", anyEngine ? autoChoice() : "none can run here");
    if (HostSystem.WINDOWS) {
      row(out, "handles", "bounded by memory (about 16 million for a process)");
      row(out, "local ports",
          "told by `netsh interface ipv4 show dynamicport tcp`; 16,384 for outgoing connections to one address and port if never changed");
    } else {
      printLimits(out, limits);
    }
    remarks.forEach(remark -> out.println("note: " + remark));
  }

  private static String direct(Engine engine) {
    String refusal = engine.directRefusal();
    return refusal.isEmpty()
        ? "with --descriptors direct a table of " + number(engine.directDescriptors())
            + " for each loop"
        : "--descriptors direct is not available: " + refusal;
  }

  private static void printLimits(PrintWriter out, SystemLimits limits) {
    row(out, "descriptors",
        number(limits.descriptors()) + " (may be raised to " + number(limits.hardDescriptors())
            + ")");
    row(out, "locked memory",
        limits.lockedBytes() < 0 ? "unlimited" : number(limits.lockedBytes() / 1024) + " KiB");
    row(out, "somaxconn", number(limits.backlog()));
    row(out, "local ports",
        ports(limits) < 0
            ? "unknown"
            : number(ports(limits)) + " (" + limits.firstPort() + " to " + limits.lastPort()
                + ") for outgoing connections to one address and port");
  }

  private static List<String> remarks(SystemLimits limits) {
    List<String> remarks = new ArrayList<>();
    long soft = limits.descriptors();
    long hard = limits.hardDescriptors();
    if (soft >= 0 && soft < FEW_DESCRIPTORS) {
      boolean raisable = hard < 0 || hard > soft;
      remarks.add(
          number(soft) + " descriptors allow "
              + Figure.count(ConnectionRoom.ofProcess().most(), "connection")
              + ", since " + ConnectionRoom.SPARE_DESCRIPTORS
              + " are kept for the process's own use; raise them with `ulimit -n "
              + (hard < 0 ? FEW_DESCRIPTORS : raisable ? hard : FEW_DESCRIPTORS) + "`"
              + (raisable ? "" : " as root, or with LimitNOFILE= under systemd")
              + (Engine.URING.refusal().isEmpty() && Engine.URING.directRefusal().isEmpty()
                  ? ", or use --descriptors direct: as many again for each loop"
                  : ""));
    }
    if (!HostSystem.wine().isEmpty()) {
      remarks.add(
          "Wine plays Windows here: each socket takes descriptors of the machine below, which bound the connections (its `ulimit -Hn`),"
              + " and no time measured here is one of Windows");
    }
    int wanted = Limits.defaults().backlog();
    if (limits.backlog() >= 0 && limits.backlog() < wanted) {
      remarks.add(
          "somaxconn of " + limits.backlog() + " cuts the backlog of " + number(wanted)
              + " that Janus asks for; raise it with `sysctl net.core.somaxconn=" + wanted + "`");
    }
    if (Runtime.getRuntime().availableProcessors() == 1) {
      remarks.add(
          "with one core a load generator on this machine takes time from the server it measures");
    }
    return remarks;
  }

  private static List<Engine> engines() {
    return Arrays.stream(Engine.values()).filter(Engine::isOfThisSystem).toList();
  }

  private static String offers(Engine engine) {
    return engine.offers().isEmpty() ? "" : ": " + engine.offers();
  }

  private static String lacks(Engine engine) {
    return engine.shortcomings().isEmpty() ? "" : ", " + engine.shortcomings();
  }

  private static String autoChoice() {
    try {
      Engine.Choice choice = Engine.choose("auto");
      return choice.engine().id() + " (" + choice.why() + ")";
    } catch (UnsupportedOperationException e) {
      return "none can run here";
    }
  }

  private static long ports(SystemLimits limits) {
    return limits.firstPort() < 0 || limits.lastPort() < 0
        ? -1
        : Math.max(0, limits.lastPort() - limits.firstPort() + 1);
  }

  private static String number(long value) {
    return value < 0 ? "unlimited or unknown" : String.format(Locale.ROOT, "%,d", value);
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf(Locale.ROOT, "%-16s %s%n", name, value);
  }
}
