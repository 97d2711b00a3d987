package io.janus.cli.terminal;

import io.janus.socket.SystemLimits;
import java.util.Locale;

/**
 * How many connections one engine can hold in this process, and why.
 *
 * @param most connections at a time, 1 or more
 * @param limits the same in words, to stand behind "it must be"
 */
public record ConnectionRoom(long most, String limits) {
  /** Descriptors that an engine does not give to connections: for its loops and listeners, the JVM and its files. */
  private static final int SPARE_DESCRIPTORS = 64;

  /** Each connection costs a descriptor of the process. */
  public static ConnectionRoom ofProcess() {
    long descriptors = SystemLimits.read().descriptors();
    if (descriptors < 0) {
      return ofRings();
    }
    long most = Math.clamp(descriptors - SPARE_DESCRIPTORS, 1, Integer.MAX_VALUE);
    return new ConnectionRoom(
        most,
        String.format(
            Locale.ROOT,
            "within %,d: the %,d descriptors of this process without %d for its own use; raise them with `ulimit -n`"
                + " (LimitNOFILE= under systemd)",
            most, descriptors, SPARE_DESCRIPTORS));
  }

  /** The tables of the rings have a limit of their own, which opening them tells. */
  public static ConnectionRoom ofRings() {
    return new ConnectionRoom(
        Integer.MAX_VALUE, String.format(Locale.ROOT, "at most %,d", Integer.MAX_VALUE));
  }

  /** As much as that, and no more than one address has local ports for. */
  public ConnectionRoom toOneAddress() {
    SystemLimits limitsHere = SystemLimits.read();
    long ports = (long) limitsHere.lastPort() - limitsHere.firstPort() + 1;
    if (limitsHere.firstPort() < 0 || ports < 1 || ports >= most) {
      return this;
    }
    return new ConnectionRoom(
        ports,
        String.format(
            Locale.ROOT,
            "within the %,d local ports of this machine for one address; widen the sysctl net.ipv4.ip_local_port_range",
            ports));
  }
}
