package io.janus;

import io.janus.completion.uring.UringProbe;
import io.janus.ffi.OsException;
import io.janus.readiness.epoll.EpollProbe;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Which face on which kernel interface. */
public enum Engine {
  /** Completion by io_uring. */
  URING("uring", "completion", "io_uring"),
  /** Readiness by epoll. */
  EPOLL("epoll", "readiness", "epoll"),
  /** Completion made from readiness, by epoll. */
  EMULATED("emulated", "completion", "epoll, emulated");

  /**
   * An engine and the reason for it.
   *
   * @param engine what will run
   * @param why one sentence
   */
  public record Choice(Engine engine, String why) {}

  private static final String AUTO = "auto";

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

  /** Empty if it can run here, else why not and the remedy. */
  public String refusal() {
    return this == URING ? UringProbe.refusal() : EpollProbe.refusal();
  }

  /** What an engine that can run here lacks against its best, in words; empty if nothing. */
  public String shortcomings() {
    try {
      return this == URING ? UringProbe.stepsDown() : "";
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Chooses an engine.
   *
   * @param name {@code auto} for the best that can run here, or an engine's id, which is then required
   * @throws IllegalArgumentException for an unknown name
   * @throws UnsupportedOperationException if the required engine, or with auto every engine, cannot run here
   */
  public static Choice choose(String name) {
    if (name.equals(AUTO)) {
      return best(0, "");
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
   * What to take when the engine chosen could not be opened after all: a ring that comes later, or is larger, can be refused although
   * {@link #refusal} has nothing to say.
   *
   * @param name what was asked for
   * @param refused why it could not be opened, in one sentence
   * @throws UnsupportedOperationException if that engine was required, or none is left
   */
  static Choice instead(String name, Engine refusedEngine, UnsupportedOperationException refused) {
    String sentence = String.valueOf(refused.getMessage());
    if (!name.equals(AUTO)) {
      UnsupportedOperationException told = refused(refusedEngine, sentence);
      told.initCause(refused);
      throw told;
    }
    return best(refusedEngine.ordinal() + 1, sentence);
  }

  /**
   * The engines are declared in the order of what they cost: io_uring makes the fewest system calls.
   *
   * @param from the first that comes into question
   * @param passedOver why one before it does not; empty if none was passed over
   */
  private static Choice best(int from, String passedOver) {
    String why = passedOver;
    for (int i = from; i < values().length; i++) {
      String refusal = values()[i].refusal();
      if (refusal.isEmpty()) {
        return new Choice(
            values()[i],
            why.isEmpty()
                ? "auto: the fewest system calls per message of the engines that run here"
                : "auto: " + why);
      }
      if (why.isEmpty()) {
        why = refusal;
      }
    }
    throw new UnsupportedOperationException("no engine can run here: " + why);
  }

  private static UnsupportedOperationException refused(Engine engine, String why) {
    return new UnsupportedOperationException(
        "engine " + engine.id + " cannot run here: " + why);
  }

  private static String names() {
    return Arrays.stream(values()).map(Engine::id).collect(Collectors.joining(", "));
  }
}
