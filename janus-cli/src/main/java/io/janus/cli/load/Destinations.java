package io.janus.cli.load;

import io.janus.cli.terminal.CommandFailure;
import io.janus.cli.terminal.ExitCode;
import io.janus.socket.Address;
import io.janus.socket.SystemLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The addresses over which a load spreads its connections. A client has one local port for each connection to a destination,
 * about 28,000 of them; a server that listens on 0.0.0.0 is reached at every address of the loopback range, and each gives as
 * many again.
 */
final class Destinations {
  /** Of ten ports one is left for others and for those that wait out an earlier connection. */
  private static final int TENTHS_USED = 9;

  private static final int TENTHS = 10;

  /**
   * The kernel finds a free port by trying: with one in five taken at once, with two in three only after many tries. Where there are
   * addresses enough, no more than this part of the ports is used for each.
   */
  private static final int QUICK_PART = 5;

  private static final int LOOPBACK = 127;

  private Destinations() {}

  /** Asks an address whether somebody accepts there. */
  @FunctionalInterface
  interface Question {
    /** True if so. */
    boolean answers(Address to) throws InterruptedException;
  }

  /** Local ports for connections to one destination. */
  static int localPorts() {
    SystemLimits limits = SystemLimits.read();
    return limits.firstPort() < 0 || limits.lastPort() < limits.firstPort()
        ? Integer.MAX_VALUE
        : limits.lastPort() - limits.firstPort() + 1;
  }

  /**
   * As many as so many connections need: the address itself, and then the next ones of the loopback range that answer.
   *
   * @throws CommandFailure if they do not suffice, with the limit and the remedy
   */
  static List<Address> of(Address to, int connections, int ports, Question question)
      throws InterruptedException {
    List<Address> found = new ArrayList<>(List.of(to));
    if (to instanceof Address.Unix || connections <= ports) {
      return found;
    }
    long usable = Math.max(1, (long) ports * TENTHS_USED / TENTHS);
    long quick = Math.max(1, ports / QUICK_PART);
    Address next = to;
    while (found.size() * quick < connections) {
      next = after(next);
      if (next == null || !question.answers(next)) {
        if (found.size() * usable < connections) {
          throw tooFew(to, next, connections, ports, found.size() * usable);
        }
        return found;
      }
      found.add(next);
    }
    return found;
  }

  private static CommandFailure tooFew(
      Address to, @Nullable Address missing, int connections, int ports, long possible) {
    String why =
        missing == null
            ? "only addresses of the loopback range 127.0.0.0/8 can be spread over"
            : "nobody accepts at " + missing + ", to spread over; let the server listen on 0.0.0.0";
    return new CommandFailure(
        ExitCode.USAGE,
        String.format(
            Locale.ROOT,
            "%,d connections are above the %,d local ports of this machine for %s, and %s; or widen the sysctl"
                + " net.ipv4.ip_local_port_range, or ask for at most %,d with -c and --idle together",
            connections, ports, to, why, Math.max(possible, ports)));
  }

  /** The next address of the loopback range with the same port, or null if there is none. */
  private static @Nullable Address after(Address address) {
    if (!(address instanceof Address.Ipv4 v4)) {
      return null;
    }
    byte[] bytes = v4.bytes();
    if (bytes[0] != LOOPBACK) {
      return null;
    }
    for (int i = bytes.length - 1; i > 0; i--) {
      bytes[i]++;
      if (bytes[i] != 0) {
        break;
      }
    }
    return new Address.Ipv4(bytes, v4.port());
  }
}
