package io.janus.readiness.epoll;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * An event of a registration that is gone, from the real kernel. epoll(7) keeps a registration as long as any descriptor of the same
 * open file description is open, and it can be removed only by the descriptor that was registered; so a closed descriptor with a
 * duplicate leaves one behind that no remove reaches.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EpollStaleEventTest {
  private static final int NONBLOCK_CLOEXEC = 0x80800;
  private static final long OLD_TOKEN = 7;
  private static final long YOUNG_TOKEN = 77;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Counters counters = new Counters();
  private final Ready ready = new Ready(8);

  @Test
  void eventOfARegistrationLeftInTheKernelIsNotToldToTheNextOneInItsSlot() throws Throwable {
    try (Arena arena = Arena.ofConfined(); EpollPoller poller = EpollPoller.open(8, counters)) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
      int first = SysEventfd.eventfd(errno, 0, NONBLOCK_CLOEXEC);
      int duplicate = duplicate(first);
      long old = poller.add(first, Interest.READ, Trigger.LEVEL, OLD_TOKEN);
      assertThat(old).isPositive();
      // The wrong order, as a caller's mistake or a descriptor inherited by another process would have it.
      assertThat(Unistd.close(errno, first)).isZero();
      poller.remove(old);
      int second = SysEventfd.eventfd(errno, 0, NONBLOCK_CLOEXEC);
      long young = poller.add(second, Interest.READ, Trigger.LEVEL, YOUNG_TOKEN);
      assertThat((int) young).as("slot").isEqualTo((int) old);
      assertThat(young).as("slot and generation").isNotEqualTo(old);

      assertThat(Unistd.write(errno, duplicate, one, JAVA_LONG.byteSize())).isPositive();
      assertThat(poller.await(ready, SECOND)).as("events told").isZero();
      assertThat(counters.get(Counter.STALE_EVENTS)).isEqualTo(1);

      assertThat(Unistd.close(errno, duplicate)).isZero();
      assertThat(Unistd.write(errno, second, one, JAVA_LONG.byteSize())).isPositive();
      assertThat(poller.await(ready, SECOND)).isEqualTo(1);
      assertThat(ready.token(0)).isEqualTo(YOUNG_TOKEN);
      assertThat(counters.get(Counter.STALE_EVENTS)).isEqualTo(1);
      poller.remove(young);
      assertThat(Unistd.close(errno, second)).isZero();
    }
  }

  /** dup(2), which the engine itself has no use for. */
  private static int duplicate(int descriptor) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle dup =
        linker.downcallHandle(
            linker.defaultLookup().find("dup").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    int duplicate = (int) dup.invokeExact(descriptor);
    assertThat(duplicate).as("dup").isNotNegative();
    return duplicate;
  }
}
