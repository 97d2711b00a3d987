package io.janus.readiness.epoll;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.linux.SysEventfd;
import io.janus.ffi.linux.Unistd;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** A program that leaves a registration behind in the real kernel, as {@link EpollStaleEventTest} does, and prints who is told of its event. */
public final class EpollStaleChild {
  private static final int NONBLOCK_CLOEXEC = 0x80800;
  private static final long OLD_TOKEN = 7;
  private static final long YOUNG_TOKEN = 77;

  private EpollStaleChild() {}

  /** Prints the token of each event told, and how many were stale. */
  public static void main(String[] arguments) throws Throwable {
    Counters counters = new Counters();
    Ready ready = new Ready(8);
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined(); EpollPoller poller = EpollPoller.open(8, counters)) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      int first = SysEventfd.eventfd(errno, 0, NONBLOCK_CLOEXEC);
      int duplicate =
          (int) linker.downcallHandle(
              linker.defaultLookup().find("dup").orElseThrow(),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT))
              .invokeExact(first);
      long old = poller.add(first, Interest.READ, Trigger.LEVEL, OLD_TOKEN);
      Unistd.close(errno, first);
      poller.remove(old);
      int second = SysEventfd.eventfd(errno, 0, NONBLOCK_CLOEXEC);
      poller.add(second, Interest.READ, Trigger.LEVEL, YOUNG_TOKEN);
      MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
      Unistd.write(errno, duplicate, one, JAVA_LONG.byteSize());
      int told = poller.await(ready, TimeUnit.SECONDS.toNanos(1));
      for (int i = 0; i < told; i++) {
        System.out.println("told " + ready.token(i));
      }
      System.out.println("stale " + counters.get(Counter.STALE_EVENTS));
    }
  }
}
