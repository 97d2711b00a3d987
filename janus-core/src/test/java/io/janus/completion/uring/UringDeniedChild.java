package io.janus.completion.uring;

import io.janus.Engine;
import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.contract.SeccompFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A program where io_uring is denied: tells what it is told. */
final class UringDeniedChild {
  private UringDeniedChild() {}

  /** Takes the errno that the three calls answer, 0 for no filter, a number of loops, and perhaps "enter" for that call alone. */
  public static void main(String[] arguments) throws Throwable {
    int errno = Integer.parseInt(arguments[0]);
    int loops = Integer.parseInt(arguments[1]);
    if (arguments.length > 2 && arguments[2].equals("enter")) {
      SeccompFilter.denyUringEnter(errno);
    } else if (errno != 0) {
      SeccompFilter.denyUring(errno);
    }
    System.out.println("refusal: " + UringProbe.refusal());
    Engine.Choice auto = Engine.choose("auto");
    System.out.println("auto: " + auto.engine().id() + ", " + auto.why());
    EngineOptions options = EngineOptions.defaults().withLoops(loops);
    try (Janus janus = Janus.open(options.withEngine("uring"))) {
      System.out.println("uring: " + janus.engine());
    } catch (UnsupportedOperationException refused) {
      System.out.println("uring: " + refused.getMessage());
    }
    try (Janus janus = Janus.open(options)) {
      System.out.println("open: " + janus.engine().id() + ", " + janus.why());
      System.out.println("loops: " + janus.loops().size() + ", rings: " + rings());
    }
  }

  private static long rings() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(UringDeniedChild::isRing).count();
    }
  }

  private static boolean isRing(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("io_uring");
    } catch (IOException e) {
      // The descriptor of the listing itself is gone by now.
      return false;
    }
  }
}
