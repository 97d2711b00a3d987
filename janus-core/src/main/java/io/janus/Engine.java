package io.janus;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.PortOptions;
import io.janus.completion.iocp.IocpProbe;
import io.janus.completion.uring.UringProbe;
import io.janus.emulation.PollingPort;
import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Poller;
import io.janus.readiness.afd.AfdProbe;
import io.janus.readiness.epoll.EpollProbe;
import io.janus.socket.Sockets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/** Which face on which kernel interface. */
public enum Engine {
  /** Completion by io_uring. */
  URING("uring", "completion", "io_uring"),
  /** Completion by completion ports, on Windows. */
  IOCP("iocp", "completion", "I/O completion ports"),
  /** Readiness by epoll. */
  EPOLL("epoll", "readiness", "epoll"),
  /** Readiness by polls of the AFD device, on Windows. */
  AFD("afd", "readiness", "the AFD device"),
  /** Completion made from the readiness of this system. */
  EMULATED(
      "emulated", "completion",
      SystemName.WINDOWS ? "the AFD device, emulated" : "epoll, emulated");

  /**
   * An engine and the reason for it.
   *
   * @param engine what will run
   * @param why one sentence
   */
  public record Choice(Engine engine, String why) {
    /** Checks that nothing is missing. */
    public Choice {
      Objects.requireNonNull(engine, "engine");
      Objects.requireNonNull(why, "why");
    }

    /**
     * Refuses what only io_uring has where the engine is another one.
     *
     * @param name of the engine that was asked for; with auto the reason for this one is why io_uring cannot run
     */
    void requireAble(String name, boolean direct, boolean withoutCopy) {
      if (engine == URING || !(direct || withoutCopy)) {
        return;
      }
      String what =
          (direct ? "direct descriptors are" : "sending without a copy is") + " a part of io_uring";
      String leave = direct ? "leave them out" : "leave it out";
      if (!SystemName.LINUX) {
        throw new UnsupportedOperationException(
            what + ", and the engine is " + engine.id + " (" + why + "); " + leave);
      }
      boolean passedOver = name.equals(AUTO) && why.startsWith(PASSED_OVER);
      String refusal = passedOver ? why.substring(PASSED_OVER.length()) : URING.refusal();
      throw new UnsupportedOperationException(
          refusal.isEmpty()
              ? what + ", and the engine is " + engine.id + "; use engine uring, or " + leave
              : what + ", which cannot run here: " + refusal + "; or " + leave);
    }
  }

  /**
   * A completion port and how it came to be this one.
   *
   * @param port belongs to the thread that opened it, which closes it
   * @param choice its engine and the reason for it
   */
  public record OpenedPort(CompletionPort port, Choice choice) {
    /** Checks that nothing is missing. */
    public OpenedPort {
      Objects.requireNonNull(port, "port");
      Objects.requireNonNull(choice, "choice");
    }
  }

  private static final String AUTO = "auto";

  /** Before the reason why a better engine than the one chosen cannot run. */
  private static final String PASSED_OVER = "auto: ";

  private final String id;
  private final String face;
  private final String kernel;

  Engine(String id, String face, String kernel) {
    this.id = id;
    this.face = face;
    this.kernel = kernel;
  }

  /** The name that the command line takes. */
  public String id() {
    return id;
  }

  /** {@code readiness} or {@code completion}. */
  public String face() {
    return face;
  }

  /** The kernel interface in words. */
  public String kernel() {
    return kernel;
  }

  /** True if it is an engine of the system that this is, whether it can run or not. */
  public boolean isOfThisSystem() {
    return switch (this) {
      case URING, EPOLL -> SystemName.LINUX;
      case IOCP, AFD -> SystemName.WINDOWS;
      case EMULATED -> true;
    };
  }

  /** True if it takes the paths of Unix sockets, where the system has them. */
  boolean hasPaths() {
    return this != IOCP;
  }

  /** True if it has completion ports. */
  boolean hasPorts() {
    return this != EPOLL && this != AFD;
  }

  /** Empty if it can run here, else why not and the remedy; of another system's engine, which ones this system has. */
  public String refusal() {
    String why = probe();
    if (!SystemName.LINUX && !SystemName.WINDOWS) {
      return why + "; use Linux or Windows";
    }
    return isOfThisSystem() ? why : why + "; use auto, or one of the engines here: " + names();
  }

  private String probe() {
    return switch (this) {
      case URING -> UringProbe.refusal();
      case IOCP -> IocpProbe.refusal();
      case EPOLL -> EpollProbe.refusal();
      case AFD -> AfdProbe.refusal();
      case EMULATED -> SystemName.WINDOWS ? AfdProbe.refusal() : EpollProbe.refusal();
    };
  }

  /** What an engine that can run here has of that which its system may lack, in words; empty if there is nothing to tell. */
  public String offers() {
    try {
      return switch (this) {
        case IOCP -> IocpProbe.offers();
        case AFD -> "polls of \\Device\\Afd, level and one-shot; edge is refused";
        case URING, EPOLL, EMULATED -> "";
      };
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** What an engine that can run here lacks against its best, in words; empty if nothing. */
  public String shortcomings() {
    try {
      return switch (this) {
        case URING -> UringProbe.stepsDown();
        case IOCP -> IocpProbe.stepsDown();
        case EPOLL, AFD, EMULATED -> "";
      };
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** How an engine that can run here is set up, in words for a person; empty where there is nothing to choose. */
  public String setUp() {
    try {
      return this == URING ? UringProbe.setUp() : "";
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Connections that each loop has room for in the table of its ring ({@link EngineOptions#directDescriptors}), by the limits of the
   * process now; 0 on the engines that have no such table.
   */
  public int directDescriptors() {
    return this == URING ? ConnectionLimit.tableSize() : 0;
  }

  /**
   * Empty if the rings of an engine that can run here can have such tables, else why not and the remedy; found by trying. Of an engine that
   * has none at all, empty.
   */
  public String directRefusal() {
    return this == URING ? UringProbe.directRefusal(directDescriptors()) : "";
  }

  /**
   * Chooses an engine.
   *
   * @param name {@code auto} for the best that can run here, or an engine's id, which is then required
   * @throws IllegalArgumentException for an unknown name
   * @throws UnsupportedOperationException if the required engine, or with auto every engine, cannot run here
   */
  public static Choice choose(String name) {
    Objects.requireNonNull(name, "name");
    if (name.equals(AUTO)) {
      return best(0, "", false);
    }
    for (Engine engine : values()) {
      if (engine.id.equals(name)) {
        String refusal = engine.refusal();
        if (!refusal.isEmpty()) {
          throw refused(engine, refusal);
        }
        return new Choice(engine, "as asked for");
      }
    }
    throw new IllegalArgumentException(
        "unknown engine \"" + name + "\"; choose one of auto, " + names());
  }

  /**
   * Opens a bare completion port for the calling thread, without loops and managers: for a loop of one's own, or below a {@link
   * io.janus.completion.SharedPort}.
   *
   * @param name {@code auto} for the best that can run here, or the id of a completion engine, which is then required
   * @param sockets the verbs of the same thread; they stay the caller's
   * @param pool of the same thread; it stays the caller's, to be closed after the port
   * @param limits bound the port: see {@link CompletionPort#open}
   * @param counters counts the system calls, of the same thread
   * @throws IllegalArgumentException for an unknown name, or one of a readiness engine
   * @throws UnsupportedOperationException if the required engine, or with auto every one, cannot run here, or lacks an option
   * @throws OsException if the system refuses what any engine needs
   */
  public static OpenedPort openPort(
      String name,
      Sockets sockets,
      BufferPool pool,
      Limits limits,
      Counters counters,
      PortOptions options)
      throws OsException {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(sockets, "sockets");
    Objects.requireNonNull(pool, "pool");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(counters, "counters");
    Objects.requireNonNull(options, "options");
    Choice choice = name.equals(AUTO) ? best(0, "", true) : choose(name);
    while (true) {
      choice.requireAble(name, options.directDescriptors() > 0, options.zeroCopyBytes() > 0);
      try {
        CompletionPort port = choice.engine.port(sockets, pool, limits, counters, options);
        return new OpenedPort(port, choice);
      } catch (UnsupportedOperationException refused) {
        choice = instead(name, choice.engine, refused, true);
      }
    }
  }

  /** A port of this engine and no other. */
  CompletionPort port(
      Sockets sockets, BufferPool pool, Limits limits, Counters counters, PortOptions options)
      throws OsException {
    return switch (this) {
      case URING, IOCP -> CompletionPort.open(sockets, pool, limits, counters, options);
      case EMULATED -> new PollingPort(
          Poller.open(limits.batchEvents(), counters), sockets, pool, limits, counters,
          options.tryFirst());
      case EPOLL, AFD -> throw new IllegalArgumentException(
          "engine " + id + " is readiness and has no completion port; use "
              + (SystemName.WINDOWS ? IOCP : URING).id + ", emulated or auto");
    };
  }

  /**
   * What to take when the engine chosen could not be opened after all: a ring that comes later, or is larger, can be refused although
   * {@link #refusal} has nothing to say.
   *
   * @param name what was asked for
   * @param refused why it could not be opened, in one sentence
   * @param portsOnly true if only engines with a completion port come into question
   * @throws UnsupportedOperationException if that engine was required, or none is left
   */
  static Choice instead(
      String name,
      Engine refusedEngine,
      UnsupportedOperationException refused,
      boolean portsOnly) {
    String sentence = String.valueOf(refused.getMessage());
    if (!name.equals(AUTO)) {
      UnsupportedOperationException told = refused(refusedEngine, sentence);
      told.initCause(refused);
      throw told;
    }
    return best(refusedEngine.ordinal() + 1, sentence, portsOnly);
  }

  /**
   * The engines are declared in the order of what they cost: completion makes the fewest system calls. What belongs to another system
   * does not count as passed over.
   *
   * @param from the first that comes into question
   * @param passedOver why one before it does not; empty if none was passed over
   */
  private static Choice best(int from, String passedOver, boolean portsOnly) {
    String why = passedOver;
    for (int i = from; i < values().length; i++) {
      if (!values()[i].isOfThisSystem() || (portsOnly && !values()[i].hasPorts())) {
        continue;
      }
      String refusal = values()[i].refusal();
      if (refusal.isEmpty()) {
        return new Choice(
            values()[i],
            why.isEmpty()
                ? "auto: of the engines that run here the one with the fewest system calls per message under load"
                : PASSED_OVER + why);
      }
      if (why.isEmpty()) {
        why = refusal;
      }
    }
    throw new UnsupportedOperationException(
        "no engine can run here: "
            + (why.isEmpty() ? "Janus does not run on " + SystemName.NAME
                + "; use Linux or Windows" : why));
  }

  private static UnsupportedOperationException refused(Engine engine, String why) {
    return new UnsupportedOperationException(
        "engine " + engine.id + " cannot run here: " + why);
  }

  private static String names() {
    return Arrays.stream(values())
        .filter(Engine::isOfThisSystem)
        .map(Engine::id)
        .collect(Collectors.joining(", "));
  }
}
