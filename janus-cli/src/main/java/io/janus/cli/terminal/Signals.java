package io.janus.cli.terminal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * SIGTERM and SIGINT as a wish to end in order: the first is told to whoever waits, the second ends the process at once. A
 * shutdown hook could do the first only, since the JVM ignores signals while its hooks run.
 */
public final class Signals {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final AtomicBoolean first = new AtomicBoolean(true);
  private volatile String name = "";
  private volatile int exitCode = ExitCode.SIGNAL;
  private volatile Runnable beforeSecond = () -> {};

  private Signals() {}

  /** Takes both signals over for the rest of the process. */
  public static Signals take() {
    Signals signals = new Signals();
    for (String name : new String[] {"TERM", "INT"}) {
      try {
        Signal.handle(new Signal(name), signals::came);
      } catch (IllegalArgumentException e) {
        // The JVM runs with -Xrs and leaves signals to the system: they end the process without a drain.
      }
    }
    return signals;
  }

  private void came(Signal signal) {
    int code = ExitCode.SIGNAL + signal.getNumber();
    if (!first.getAndSet(false)) {
      try {
        beforeSecond.run();
      } finally {
        Runtime.getRuntime().halt(code);
      }
    }
    name = HostSystem.WINDOWS ? windowsName(signal) : "SIG" + signal.getName();
    exitCode = code;
    asked.countDown();
  }

  /** What a person has done there; the JVM makes a signal of it. */
  private static String windowsName(Signal signal) {
    return signal.getName().equals("INT") ? "Ctrl-C" : "the console is closing";
  }

  /** Acts as a first signal would, for those who end a command from inside. */
  public void ask(String why) {
    name = why;
    asked.countDown();
  }

  /** Sets what a second signal does before it ends the process; it must be short, and is called by the signal's thread. */
  public void beforeSecond(Runnable step) {
    beforeSecond = step;
  }

  /** Waits for the first signal; false if the time was over before. */
  public boolean await(long timeout, TimeUnit unit) throws InterruptedException {
    return asked.await(timeout, unit);
  }

  /** Waits for the first signal as long as it takes. */
  public void await() throws InterruptedException {
    asked.await();
  }

  /** True once the first signal has come. */
  public boolean asked() {
    return asked.getCount() == 0;
  }

  /** The first signal's name, such as {@code SIGTERM}, or {@code Ctrl-C} on Windows. */
  public String name() {
    return name;
  }

  /** The exit code of a process that the first signal ends. */
  public int exitCode() {
    return exitCode;
  }
}
