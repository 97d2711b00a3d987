package io.janus.completion.uring;

import io.janus.Engine;
import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.contract.SeccompFilter;

/** A program where io_uring is denied: tells what it is told. */
final class UringDeniedChild {
  private UringDeniedChild() {}

  /** Takes the errno that the three calls answer; 0 for no filter. */
  public static void main(String[] arguments) throws Throwable {
    int errno = Integer.parseInt(arguments[0]);
    if (errno != 0) {
      SeccompFilter.denyUring(errno);
    }
    System.out.println("refusal: " + UringProbe.refusal());
    Engine.Choice auto = Engine.choose("auto");
    System.out.println("auto: " + auto.engine().id() + ", " + auto.why());
    try (Janus janus = Janus.open(EngineOptions.defaults().withEngine("uring").withLoops(1))) {
      System.out.println("uring: " + janus.engine());
    } catch (UnsupportedOperationException refused) {
      System.out.println("uring: " + refused.getMessage());
    }
    try (Janus janus = Janus.open(EngineOptions.defaults().withLoops(1))) {
      System.out.println("open: " + janus.engine().id());
    }
  }
}
