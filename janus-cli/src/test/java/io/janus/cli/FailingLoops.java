package io.janus.cli;

import java.lang.reflect.Proxy;
import java.util.Arrays;

/**
 * The command line with loops that fail as soon as they have accepted a connection: their next wait answers EBADF. For the class path and
 * {@code -Dio.janus.faults=true}; the seam of the core is no module's to see, and so is asked for by its name.
 */
final class FailingLoops {
  private static final String SEAM = "io.janus.ffi.call.FaultSeam";
  private static final long EBADF = -9;
  private static final long PASS = Long.MIN_VALUE;

  private static final ThreadLocal<Boolean> HAS_ACCEPTED = ThreadLocal.withInitial(() -> false);

  private FailingLoops() {}

  /** Takes a pattern of names of loops, then what the command line takes. */
  public static void main(String[] arguments) throws Exception {
    Class<?> fault = Class.forName(SEAM + "$Fault");
    Object rule =
        Proxy.newProxyInstance(
            FailingLoops.class.getClassLoader(), new Class<?>[] {fault},
            (proxy, method, given) -> answer(arguments[0], (String) given[0]));
    Class.forName(SEAM).getMethod("install", fault).invoke(null, rule);
    Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  private static long answer(String loops, String function) {
    if (!Thread.currentThread().getName().matches(loops)) {
      return PASS;
    }
    if (function.equals("accept4")) {
      HAS_ACCEPTED.set(true);
    }
    return function.equals("epoll_wait") && HAS_ACCEPTED.get() ? EBADF : PASS;
  }
}
