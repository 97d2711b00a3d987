package io.janus.examples;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import java.util.Arrays;

/**
 * Runs an example by its name: {@code examples/run} ends here. The examples just throw; this says in one line what is wrong with the
 * arguments (exit code 64) or with the machine (69 for what is not there, 71 for what the system refuses, 1 for an example
 * that came to no good end).
 */
enum Example {
  Echo("HOST:PORT [ENGINE]", 1, 2, io.janus.examples.Echo::main),
  Chat("HOST:PORT [ENGINE]", 1, 2, io.janus.examples.Chat::main),
  Forwarder("HOST:PORT TARGET-HOST:PORT [ENGINE]", 2, 3, io.janus.examples.Forwarder::main),
  PollerLoop("HOST:PORT", 1, 1, io.janus.examples.PollerLoop::main),
  PortLoop("HOST:PORT [ENGINE]", 1, 2, io.janus.examples.PortLoop::main),
  SharedPortRace(
      "[ENGINE] [CONNECTIONS [KIB-EACH [WORKERS]]]", 0, 4, io.janus.examples.SharedPortRace::main),
  SharedPortCure(
      "[ENGINE] [CONNECTIONS [KIB-EACH [WORKERS [BATCH [ACTIVE-AT-A-TIME]]]]]", 0, 6,
      io.janus.examples.SharedPortCure::main),
  SharedPortFairness(
      "[ENGINE] [CONNECTIONS [KIB-EACH [WORKERS]]]", 0, 4,
      io.janus.examples.SharedPortFairness::main);

  private static final int FAILED = 1;
  private static final int USAGE = 64;
  private static final int UNAVAILABLE = 69;
  private static final int SYSTEM = 71;

  private interface Main {
    void run(String[] args) throws Exception;
  }

  private final String arguments;
  private final int least;
  private final int most;
  private final Main main;

  Example(String arguments, int least, int most, Main main) {
    this.arguments = arguments;
    this.least = least;
    this.most = most;
    this.main = main;
  }

  /** The name of an example, and its arguments. */
  public static void main(String[] args) throws Exception {
    valueOf(args[0]).run(Arrays.copyOfRange(args, 1, args.length));
  }

  private void run(String[] args) throws Exception {
    if (args.length < least || args.length > most) {
      String wrong = args.length < least ? "too few arguments" : "too many arguments";
      end(USAGE, wrong + "; " + usage());
    }
    try {
      main.run(args);
    } catch (IllegalArgumentException bad) {
      end(USAGE, bad.getMessage() + "; " + usage());
    } catch (UnsupportedOperationException missing) {
      end(UNAVAILABLE, missing.getMessage());
    } catch (IllegalStateException broken) {
      end(FAILED, broken.getMessage());
    } catch (OsException refused) {
      boolean busy = refused.error().kind() == ErrorKind.ADDRESS_IN_USE;
      end(busy ? UNAVAILABLE : SYSTEM, refused.getMessage());
    }
  }

  private String usage() {
    return "usage: examples/run " + this + " " + arguments;
  }

  /** Ends the process, for the loops that have been opened meanwhile would keep it alive. */
  private void end(int code, String sentence) {
    System.err.println(this + ": " + sentence);
    System.exit(code);
  }
}
