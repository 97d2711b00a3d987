package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.completion.Operation;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A socket that blocks, as it comes from elsewhere, is adopted as one that does not: no call of the port waits for it. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#ports")
class BlockingSocketContractTest extends PortTest {
  private static final long RESCUE_SECONDS = 5;

  @BeforeEach
  void onlyAKernelHasThem() {
    assumeTrue(world instanceof KernelWorld, "simulated sockets never block");
  }

  @Test
  void listenerThatBlocksHoldsNothingUp() throws Exception {
    long socket = BlockingSockets.block(SocketPair.listen(world));
    Address at = sockets.localAddress(socket);
    long listener = port.adopt(socket);
    assertThat(listener).isPositive();
    AtomicBoolean rescued = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Thread rescue = rescue(done, rescued, verbs -> verbs.connect(verbs.open(at), at));
    assertThat(port.accept(listener, 0, 1)).isPositive();
    staysQuiet();
    done.countDown();
    rescue.join();
    assertThat(rescued).as("an accept has waited until somebody came").isFalse();
    Peer client = use(new Peer(world, at));
    long accepted = next(Operation.ACCEPT, 1).handle();
    assertThat(port.close(accepted, 2)).isPositive();
    next(Operation.CLOSE, 2);
    Wait.until("the client has its end", client::hasEnded);
  }

  @Test
  void connectionThatBlocksHoldsNothingUp() throws Exception {
    SocketPair pair = pair();
    BlockingSockets.block(pair.near);
    long handle = adopt(pair);
    AtomicBoolean rescued = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Thread rescue = rescue(done, rescued, verbs -> verbs.shutdownOutput(pair.far));
    assertThat(port.receive(handle, 0, 1)).isPositive();
    staysQuiet();
    done.countDown();
    rescue.join();
    assertThat(rescued).as("a receive has waited until something came").isFalse();
    pair.send(pair.far, "late");
    assertThat(next(Operation.RECEIVE, 1).text()).isEqualTo("late");
  }

  @Test
  void whatIsNoSocketOfTheProcessIsNotAdopted() {
    long gone = sockets.open(world.anyAddress());
    sockets.closeSocket(gone);
    assertThat(port.adopt(gone)).isNegative();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void fileOrANumberTooLargeIsNotTakenForASocket() throws Exception {
    assumeTrue(SystemName.LINUX,
        "Windows keeps files and sockets apart, and its numbers are large");
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      Path file = open.filter(Files::isRegularFile).findFirst().orElseThrow();
      assertThat(port.adopt(Long.parseLong(file.getFileName().toString()))).isNegative();
    }
    long socket = sockets.open(world.anyAddress());
    assertThat(port.adopt(socket + (1L << 32))).isNegative();
    sockets.closeSocket(socket);
  }

  /** Lets a call go that waits in the system for ever, so that the test fails instead of hanging. */
  private static Thread rescue(
      CountDownLatch done, AtomicBoolean rescued, Consumer<Sockets> step) {
    return Thread.ofPlatform().daemon().start(() -> {
      try {
        if (!done.await(RESCUE_SECONDS, TimeUnit.SECONDS)) {
          rescued.set(true);
          try (Sockets verbs = Sockets.open(new Counters())) {
            step.accept(verbs);
          }
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    });
  }
}
