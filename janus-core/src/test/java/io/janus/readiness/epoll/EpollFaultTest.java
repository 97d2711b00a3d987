package io.janus.readiness.epoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.contract.Footprint;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.call.FaultSeam.Fault;
import io.janus.ffi.linux.SysEventfd;
import io.janus.ffi.linux.Unistd;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of the poller that fail, or throw, half way. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EpollFaultTest {
  private static final int ENOMEM = 12;
  private static final int CTL_MOD = 3;
  private static final int NONBLOCK_CLOEXEC = 0x80800;
  private static final long TOKEN = 77;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Ready ready = new Ready(8);

  @BeforeEach
  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wakeThatCouldNotBeWrittenDoesNotSilenceTheNext(boolean thrown) throws Exception {
    try (EpollPoller poller = EpollPoller.open(8, new Counters())) {
      FaultSeam.install(failing("write", thrown));
      if (thrown) {
        assertThatThrownBy(poller::wake).hasMessage("injected");
      } else {
        poller.wake();
      }
      FaultSeam.install(null);
      poller.wake();
      long begun = System.nanoTime();
      assertThat(poller.await(ready, 20 * SECOND)).isZero();
      assertThat(System.nanoTime() - begun).as("the wake ended the await").isLessThan(10 * SECOND);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void changeThatTheKernelRefusedLeavesTheOldInterest(boolean fromOutside) throws Exception {
    try (Arena arena = Arena.ofConfined();
        EpollPoller poller = EpollPoller.open(8, new Counters())) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      int readable = SysEventfd.eventfd(errno, 1, NONBLOCK_CLOEXEC);
      long id = poller.add(readable, Interest.READ, Trigger.LEVEL, TOKEN);
      FaultSeam.install(
          (function, arguments) -> function.equals("epoll_ctl") && (int) arguments[1] == CTL_MOD
              ? -ENOMEM
              : Fault.PASS);
      assertThat(change(poller, id, fromOutside)).isNegative();
      FaultSeam.install(null);
      assertThat(poller.await(ready, SECOND)).as("still reported").isEqualTo(1);
      assertThat(ready.token(0)).isEqualTo(TOKEN);
      assertThat(change(poller, id, fromOutside)).isZero();
      assertThat(poller.await(ready, 0)).as("no longer wanted").isZero();
      poller.remove(id);
      Unistd.close(errno, readable);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "emulated", "uring"})
  void whicheverCallThrowsWhileALoopIsMadeNothingIsLeft(String engine) throws Exception {
    EngineOptions options = EngineOptions.defaults()
        .withEngine(engine)
        .withLoops(2)
        .withLimits(Limits.defaults().withBlockedMillis(0));
    Janus.open(options).close();
    Footprint before = Footprint.now();
    Set<String> functions = Set.of("mmap", "epoll_create1", "eventfd", "epoll_ctl");
    int n = 0;
    boolean opened = false;
    while (!opened && n < 100) {
      n++;
      int doomed = n;
      AtomicInteger calls = new AtomicInteger();
      FaultSeam.install((function, arguments) -> {
        if (functions.contains(function) && calls.incrementAndGet() == doomed) {
          throw new IllegalStateException("injected");
        }
        return Fault.PASS;
      });
      try (Janus janus = Janus.open(options)) {
        opened = janus.connections() == 0;
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessage("injected");
      }
      assertThat(Footprint.now()).as("after call %d threw", n).isEqualTo(before);
    }
    assertThat(n).as("calls at the start").isBetween(10, 99);
  }

  private static Fault failing(String failing, boolean thrown) {
    return (function, arguments) -> {
      if (!function.equals(failing)) {
        return Fault.PASS;
      }
      if (thrown) {
        throw new IllegalStateException("injected");
      }
      return -ENOMEM;
    };
  }

  private static int change(EpollPoller poller, long id, boolean fromOutside) throws Exception {
    if (!fromOutside) {
      return poller.change(id, Interest.NONE);
    }
    AtomicReference<Integer> result = new AtomicReference<>();
    Thread outside = Thread.ofPlatform()
        .start(() -> result.set(poller.change(id, Interest.NONE)));
    outside.join();
    return result.get();
  }
}
