package io.janus.cli;

import io.janus.cli.terminal.HostSystem;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The command line with loops that fail as soon as they have a connection: their next wait answers that its descriptor, or handle, is
 * none, once. For the class path and {@code -Dio.janus.faults=true}; the seam of the core is no module's to see, and so is asked for by
 * its name.
 */
final class FailingLoops {
  private static final String SEAM = "io.janus.ffi.call.FaultSeam";
  private static final long BAD_DESCRIPTOR = HostSystem.WINDOWS ? -6 : -9;
  private static final long PASS = Long.MIN_VALUE;
  private static final String WAIT =
      HostSystem.WINDOWS ? "GetQueuedCompletionStatusEx" : "epoll_wait";

  /** What a loop calls that has a connection: on Windows one loop accepts for all, so they first meet it when they receive. */
  private static final Set<String> WITH_A_CONNECTION =
      HostSystem.WINDOWS ? Set.of("recv", "WSARecv") : Set.of("accept4");

  private static final ThreadLocal<Boolean> HAS_CONNECTION = ThreadLocal.withInitial(() -> false);

  /** Loops that have failed, by their names. */
  private static final Map<String, Thread> FAILED = new ConcurrentHashMap<>();

  private FailingLoops() {}

  /** Takes the names of loops with commas between, each of which fails when those before it have ended; then what the command line takes. */
  public static void main(String[] arguments) throws Exception {
    Class<?> fault = Class.forName(SEAM + "$Fault");
    Object rule =
        Proxy.newProxyInstance(
            FailingLoops.class.getClassLoader(), new Class<?>[] {fault},
            (proxy, method, given) -> answer(arguments[0].split(","), (String) given[0]));
    Class.forName(SEAM).getMethod("install", fault).invoke(null, rule);
    String[] command = Arrays.copyOfRange(arguments, 1, arguments.length);
    if (HostSystem.WINDOWS) {
      RaisingJanus.main(command);
    } else {
      Main.main(command);
    }
  }

  private static long answer(String[] loops, String function) {
    if (WITH_A_CONNECTION.contains(function)) {
      HAS_CONNECTION.set(true);
    }
    // Once: what closes the loop's port may have to wait for the system, which is not what has failed.
    boolean fails = function.equals(WAIT) && HAS_CONNECTION.get() && isNext(loops)
        && FAILED.putIfAbsent(Thread.currentThread().getName(), Thread.currentThread()) == null;
    return fails ? BAD_DESCRIPTOR : PASS;
  }

  /** This thread is one of these loops, and those before it have failed and ended. */
  private static boolean isNext(String[] loops) {
    for (String loop : loops) {
      if (loop.equals(Thread.currentThread().getName())) {
        return true;
      }
      Thread before = FAILED.get(loop);
      if (before == null || before.isAlive()) {
        return false;
      }
    }
    return false;
  }
}
