package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.contract.Bytes;
import io.janus.contract.Footprint;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.linux.Uring;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The three calls of io_uring, and what a ring is made of, fail. */
@EnabledOnOs(OS.LINUX)
@Tag("faults")
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = {false, true})
class UringFaultTest extends UringTest {
  private static final int EPERM = 1;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int ENOMEM = 12;
  private static final int EBUSY = 16;
  private static final int EINVAL = 22;
  private static final int SETUP_FLAGS_AT = 8;

  /** Places among the arguments of io_uring_enter. */
  private static final int TO_SUBMIT = 1;

  private static final int MIN_COMPLETE = 2;

  @BeforeEach
  @AfterEach
  void nothingIsInjected() {
    FaultSeam.install(null);
  }

  @ParameterizedTest
  @ValueSource(ints = {EINTR, EAGAIN, EBUSY, ENOMEM})
  void passingAnswersOfEnterLoseNothingAndEndNothing(int errno) throws Exception {
    Pair pair = pair();
    byte[] all = Bytes.pattern(100 * BUFFER_BYTES, errno);
    AtomicInteger calls = new AtomicInteger();
    SplittableRandom random = new SplittableRandom(errno);
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter")
        && calls.incrementAndGet() > 0 && random.nextInt(3) > 0 ? -errno : FaultSeam.Fault.PASS);
    Bytes come = new Bytes();
    repeat(pair, 1);
    for (int at = 0; at < all.length; at += BUFFER_BYTES) {
      write(pair.far(), java.util.Arrays.copyOfRange(all, at, at + BUFFER_BYTES));
      while (come.size() < at + BUFFER_BYTES) {
        Done done = next(Operation.RECEIVE, 1);
        assertThat(done.result()).isPositive();
        come.append(done.bytes());
        if (!done.more()) {
          repeat(pair, 1);
        }
      }
    }
    assertThat(come.toArray()).isEqualTo(all);
    assertThat(port.send(pair.handle(), acquire().putInt(77), 2)).isPositive();
    assertThat(port.shutdownOutput(pair.handle(), 3)).isPositive();
    next(Operation.SEND, 2).buffer().release();
    assertThat(next(Operation.SHUTDOWN, 3).result()).isZero();
    assertThat(read(pair.far(), 5)).as("four bytes, then the end").hasSize(4);
    port.close();
    assertThat(calls.get()).isGreaterThan(10);
  }

  /** As a kernel does that cannot allocate a request: it refuses what is submitted, and does nothing else of that call. */
  @Test
  void refusedSubmitsNeitherStarveCompletionsNorMakeAwaitSpin() throws Exception {
    Pair busy = pair();
    Pair refused = pair();
    repeat(busy, 1);
    take(0);
    AtomicInteger refusals = new AtomicInteger();
    AtomicInteger sleeps = new AtomicInteger();
    FaultSeam.install((function, arguments) -> {
      if (!function.equals("io_uring_enter") || (int) arguments[TO_SUBMIT] == 0) {
        sleeps.addAndGet(function.equals("io_uring_enter") ? (int) arguments[MIN_COMPLETE] : 0);
        return FaultSeam.Fault.PASS;
      }
      refusals.incrementAndGet();
      return -EAGAIN;
    });
    assertThat(port.send(refused.handle(), acquire().putInt(5), 2)).isPositive();
    write(busy.far(), new byte[] {7});
    assertThat(next(Operation.RECEIVE, 1).bytes()).containsExactly(7);
    staysQuiet();
    int before = refusals.get();
    sleeps.set(0);
    for (int i = 0; i < 20; i++) {
      assertThat(take(SHORT)).isZero();
    }
    assertThat(sleeps).as("each await has slept").hasValue(20);
    assertThat(refusals.get() - before).as("tries to submit").isEqualTo(20);
    FaultSeam.install(null);
    next(Operation.SEND, 2).buffer().release();
    assertThat(read(refused.far(), 4)).containsExactly(0, 0, 0, 5);
  }

  /** A cell of an entry that the kernel has not taken is not used again, or it would send the bytes of another connection. */
  @Test
  void gatheredSendsForWhichNoCellIsLeftAreRefusedWhileTheKernelTakesNothing() throws Exception {
    Pair[] pairs = pairs(80);
    Buffer[][] gathered = new Buffer[pairs.length][];
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter")
        && (int) arguments[TO_SUBMIT] > 0 ? -EAGAIN : FaultSeam.Fault.PASS);
    int taken = 0;
    for (int i = 0; i < pairs.length; i++) {
      gathered[i] = new Buffer[] {acquire().putInt(i), acquire().putInt(-i)};
      long operation = port.sendAll(pairs[i].handle(), gathered[i], 2, i);
      if (operation != ErrorCode.BUSY) {
        assertThat(operation).as("send %d", i).isPositive();
        assertThat(taken++).as("those before").isEqualTo(i);
      }
    }
    FaultSeam.install(null);
    assertThat(taken).isBetween(1, pairs.length - 1);
    for (int i = 0; i < taken; i++) {
      assertThat(next(Operation.SEND, i).result()).isEqualTo(8);
      assertThat(ByteBuffer.wrap(read(pairs[i].far(), 8)).getLong())
          .as("bytes of connection %d", i)
          .isEqualTo((long) i << 32 | -i & 0xffff_ffffL);
    }
    for (Buffer[] both : gathered) {
      both[0].release();
      both[1].release();
    }
  }

  @Test
  void kernelThatTakesNothingForAWhileLeavesNoLateCallsBehind() throws Exception {
    Pair pair = pair();
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter") ? -EAGAIN
        : FaultSeam.Fault.PASS);
    assertThat(port.lend(pair.handle())).isNegative();
    FaultSeam.install(null);
    staysQuiet();
    close(pair.handle());
  }

  @Test
  void closeGoesOnForAsLongAsSomethingEndsHoweverSlowly() throws Exception {
    Pair[] pairs = pairs(1_000);
    for (int i = 0; i < pairs.length; i++) {
      assertThat(port.receive(pairs[i].handle(), acquire(), i)).isPositive();
    }
    take(0);
    SplittableRandom random = new SplittableRandom(5);
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter")
        && random.nextInt(60) > 0 ? -EINTR : FaultSeam.Fault.PASS);
    port.close();
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void closeThatGaveUpIsRepeatedAndGivesEverythingBack() throws Exception {
    Pair pair = pair();
    port.receive(pair.handle(), acquire(), 1);
    take(0);
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter") ? -EINTR
        : FaultSeam.Fault.PASS);
    assertThatThrownBy(port::close).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("close it again");
    assertThatThrownBy(() -> port.await(batch, 0)).isInstanceOf(IllegalStateException.class);
    assertThat(pool.outstanding()).isEqualTo(1);
    FaultSeam.install(null);
    port.close();
    assertThat(pool.outstanding()).isZero();
  }

  /** Each flag that a kernel may lack, as it says so: EINVAL to every set-up that asks for it. */
  @ParameterizedTest
  @CsvSource({"0x10000, NO_SQARRAY", "0x2000, DEFER_TASKRUN", "0x1000, SINGLE_ISSUER"})
  void eachStepDownOfTheSetUpGivesAWorkingPortAndSaysSo(String flag, String word)
      throws Exception {
    int refused = Integer.decode(flag);
    // A kernel without a flag lacks all that came later.
    int lacking = refused | (refused <= 0x2000 ? 0x10000 : 0) | (refused <= 0x1000 ? 0x2000 : 0);
    FaultSeam.install(setups(flags -> (flags & lacking) != 0, EINVAL));
    try (UringPort stepped = open(limits())) {
      FaultSeam.install(null);
      assertThat(stepped.stepsDown()).contains(word);
      assertWorks(stepped);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock = """
          1  | seccomp
          38 | no io_uring
          12 | memory
          22 | open an io_uring
          """)
  void refusedSetUpIsToldWithItsRemedyAndLeavesNothing(int errno, String part) throws Exception {
    UringProbe.refusal();
    Footprint held = Footprint.now();
    FaultSeam.install(setups(flags -> true, errno));
    assertThat(UringProbe.refusal()).contains(part);
    assertThatThrownBy(() -> open(limits())).isInstanceOf(OsException.class);
    assertThat(Footprint.now()).isEqualTo(held);
    FaultSeam.install(null);
    assertThat(UringProbe.refusal()).isEmpty();
  }

  /** EBUSY is the answer for a thread that has as many rings as can be registered, which is so for good. */
  @ParameterizedTest
  @ValueSource(ints = {EINVAL, EBUSY})
  void ringThatCannotBeRegisteredWithItsThreadIsAskedOnceAndWorksByItsDescriptor(int errno)
      throws Exception {
    AtomicInteger asked = new AtomicInteger();
    FaultSeam.Fault refusing = registering(Uring.REGISTER_RING_FDS, errno);
    FaultSeam.install((function, arguments) -> {
      long answer = refusing.before(function, arguments);
      asked.addAndGet(answer == -errno ? 1 : 0);
      return answer;
    });
    try (UringPort slower = open(limits())) {
      FaultSeam.install(null);
      assertThat(asked).hasValue(1);
      assertThat(slower.stepsDown()).contains("IORING_REGISTER_RING_FDS");
      assertWorks(slower);
    }
  }

  @Test
  void kernelWithoutMemoryForAWhileIsAskedAgainWhatItsReceivesCan() throws Exception {
    String best = port.stepsDown();
    AtomicInteger left = new AtomicInteger(100);
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter")
        && left.getAndDecrement() > 0 ? -EAGAIN : FaultSeam.Fault.PASS);
    try (UringPort asked = open(limits())) {
      assertThat(left.get()).isNegative();
      FaultSeam.install(null);
      assertThat(asked.stepsDown()).isEqualTo(best);
      assertWorks(asked);
    }
  }

  /** On an old one a flag that was taken for known would end every receive. */
  @Test
  void kernelWithoutMemoryForTheQuestionIsTakenToKnowNoRepeatedReceive() throws Exception {
    FaultSeam.install((function, arguments) -> function.equals("io_uring_enter") ? -EAGAIN
        : FaultSeam.Fault.PASS);
    try (UringPort slower = open(limits())) {
      FaultSeam.install(null);
      assertThat(slower.stepsDown()).contains("receives do not repeat (the kernel had no memory");
      assertWorks(slower);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {EPERM, ENOMEM, EINVAL})
  void refusedRegistrationsLeaveNothing(int errno) throws Exception {
    Footprint held = Footprint.now();
    Set<Integer> needed = direct ? Set.of(Uring.REGISTER_PBUF_RING, Uring.REGISTER_FILES2)
        : Set.of(Uring.REGISTER_PBUF_RING);
    for (int opcode : needed) {
      FaultSeam.install(registering(opcode, errno));
      assertThatThrownBy(() -> open(limits())).isInstanceOf(OsException.class);
      FaultSeam.install(null);
      assertThat(Footprint.now()).as("after opcode %d", opcode).isEqualTo(held);
    }
  }

  @Test
  void whicheverCallFailsWhileAPortIsMadeNothingIsLeft() throws Exception {
    open(limits()).close();
    Footprint held = Footprint.now();
    int failed = 0;
    for (boolean opened = false; !opened; failed++) {
      assertThat(failed).as("calls while a port is made").isLessThan(30);
      int doomed = failed + 1;
      AtomicInteger calls = new AtomicInteger();
      FaultSeam.install((function, arguments) -> Set.of("mmap", "eventfd", "io_uring_setup",
          "io_uring_register").contains(function) && calls.incrementAndGet() == doomed ? -ENOMEM
              : FaultSeam.Fault.PASS);
      try (UringPort port = open(limits())) {
        opened = calls.get() < doomed;
      } catch (OsException | OutOfMemoryError refused) {
        assertThat(refused).hasMessageContaining("ENOMEM");
      }
      FaultSeam.install(null);
      assertThat(Footprint.now()).as("after call %d failed", doomed).isEqualTo(held);
    }
    assertThat(failed).isGreaterThan(6);
  }

  private static FaultSeam.Fault setups(Predicate<Integer> doomed, int errno) {
    return (function, arguments) -> {
      if (!function.equals("io_uring_setup")) {
        return FaultSeam.Fault.PASS;
      }
      MemorySegment params = MemorySegment.ofAddress((long) arguments[1]).reinterpret(120);
      return doomed.test(params.get(JAVA_INT, SETUP_FLAGS_AT)) ? -errno : FaultSeam.Fault.PASS;
    };
  }

  private static FaultSeam.Fault registering(int opcode, int errno) {
    return (function, arguments) -> function.equals("io_uring_register")
        && (int) arguments[1] == opcode ? -errno : FaultSeam.Fault.PASS;
  }

  /** Accepts, echoes a byte and closes. */
  private void assertWorks(UringPort working) throws Exception {
    UringPort original = port;
    port = working;
    long socket = listeningSocket(8);
    long door = working.adopt(socket);
    try (SocketChannel far = SocketChannel.open(addressOf(socket))) {
      assertThat(working.accept(door, CompletionPort.REPEAT, 1)).isPositive();
      Pair pair = new Pair(next(Operation.ACCEPT, 1).handle(), far);
      repeat(pair, 2);
      write(far, new byte[] {9});
      assertThat(next(Operation.RECEIVE, 2).bytes()).containsExactly(9);
      assertThat(working.send(pair.handle(), acquire().putByte((byte) 8), 3)).isPositive();
      next(Operation.SEND, 3).buffer().release();
      assertThat(read(far, 1)).containsExactly(8);
    } finally {
      port = original;
    }
  }
}
