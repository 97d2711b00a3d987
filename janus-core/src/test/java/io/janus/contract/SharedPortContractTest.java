package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.SharedPort;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a {@link SharedPort} promises of its verbs, on every port that it can stand on. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#sharedPorts")
class SharedPortContractTest extends SharedPortTest {
  private static final int OPERATIONS = 16;

  @Test
  void everyVerbGoesDownAndItsCompletionComesUp() throws Exception {
    long listening = SocketPair.listen(world);
    Address at = sockets.localAddress(listening);
    long listener = port.adopt(listening);
    assertThat(port.accept(listener, CompletionPort.WITH_PEER, 1)).isPositive();
    long client = port.adopt(sockets.open(at));
    assertThat(port.socket(client)).isPositive();
    assertThat(port.connect(client, at, 2)).isPositive();
    long server = takeBoth();
    assertThat(port.send(client, acquire("ping"), 3)).isPositive();
    next(Operation.SEND, 3, 4);
    one.buffer(0).release();
    assertThat(port.receive(server, acquire("got "), 4)).isPositive();
    next(Operation.RECEIVE, 4, 4);
    assertThat(text()).isEqualTo("got ping");
    Buffer[] parts = {acquire("po"), acquire("ng")};
    assertThat(port.sendAll(server, parts, 2, 5)).isPositive();
    next(Operation.SEND, 5, 4);
    parts[0].release();
    parts[1].release();
    assertThat(port.receive(client, CompletionPort.REPEAT, 6)).isPositive();
    next(Operation.RECEIVE, 6, 4);
    assertThat(text()).isEqualTo("pong");
    assertThat(port.shutdownOutput(client, 7)).isPositive();
    next(Operation.SHUTDOWN, 7, 0);
    assertThat(port.receive(server, 0, 8)).isPositive();
    next(Operation.RECEIVE, 8, 0);
    assertThat(port.close(server, 9)).isPositive();
    next(Operation.CLOSE, 9, 0);
    assertThat(port.inFlight()).isZero();
  }

  /** The accept and the connect, in either order; answers the accepted handle. */
  private long takeBoth() throws InterruptedException {
    long accepted = 0;
    for (int i = 0; i < 2; i++) {
      assertThat(port.take(one, SOON)).isEqualTo(1);
      assertThat(one.result(0)).isZero();
      if (one.operation(0) == Operation.ACCEPT) {
        assertThat(one.token(0)).isEqualTo(1);
        assertThat(one.peer(0)).isNotNull();
        accepted = one.handle(0);
      } else {
        assertThat(one.operation(0)).isEqualTo(Operation.CONNECT);
        assertThat(one.token(0)).isEqualTo(2);
      }
    }
    assertThat(accepted).isPositive();
    return accepted;
  }

  @Test
  void batchOfOneTakesExactlyOneAndALargerOneTakesWhatIsThere() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(port.post(i, -i)).isTrue();
    }
    untilWaiting(10);
    for (int i = 0; i < 4; i++) {
      next(Operation.POST, i, -i);
    }
    Completions many = new Completions(64);
    assertThat(port.take(many, SOON)).isEqualTo(6);
    assertThat(many.token(0)).isEqualTo(4);
    assertThat(many.token(5)).isEqualTo(9);
    assertThat(port.take(many, 0)).isZero();
    assertThat(port.take(many, 1_000)).as("after the time").isZero();
  }

  @Test
  void whatThePortBelowRefusesIsToldByTheOnlyCompletion() throws Exception {
    long handle = adopt(pair());
    assertThat(port.receive(handle, 0, 1)).isPositive();
    Buffer own = acquire("own");
    assertThat(port.receive(handle, own, 2)).isPositive();
    next(Operation.RECEIVE, 2, ErrorCode.BUSY);
    assertThat(one.buffer(0)).isSameAs(own);
    assertThat(text()).isEqualTo("own");
    port.close(handle, 3);
    next(Operation.CLOSE, 3, ErrorCode.BUSY);
    Buffer[] parts = {acquire("x"), acquire("y")};
    port.sendAll(handle + 1, parts, 2, 4);
    next(Operation.SEND, 4, ErrorCode.NOT_FOUND);
    parts[0].release();
    parts[1].release();
    assertThat(port.inFlight()).isEqualTo(1);
  }

  @Test
  void misuseThrowsAtTheSubmitAndTakesNothing() {
    long handle = adopt(pair());
    Buffer full = acquire("full").limit(4);
    assertThatThrownBy(() -> port.receive(handle, full, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> port.sendAll(handle, new Buffer[] {full, full}, 2, 2))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> port.sendAll(handle, new Buffer[0], 1, 2))
        .isInstanceOf(IllegalArgumentException.class);
    full.release();
    assertThatThrownBy(() -> port.send(handle, full, 3)).isInstanceOf(IllegalStateException.class);
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void bufferIsUntouchableUntilAWorkerHasTakenItsCompletion() throws Exception {
    long handle = adopt(pair());
    Buffer buffer = acquire("x");
    port.send(handle, buffer, 1);
    // Not before: for a moment the buffer is on its way from the one to the other port and nobody's misuse would be noticed.
    untilWaiting(1);
    assertThatThrownBy(buffer::readable).hasMessageContaining("given to a send");
    assertThatThrownBy(buffer::release).hasMessageContaining("given to a send");
    next(Operation.SEND, 1, 1);
    buffer.release();
  }

  @Test
  void fullTableIsBusyUntilACompletionIsTaken() throws Exception {
    try (SharedPort small = open(64, Limits.defaults().withOperations(16))) {
      SocketPair pair = pair();
      long handle = small.adopt(pair.giveNear());
      for (int i = 0; i < 16; i++) {
        assertThat(small.receive(handle, 0, i)).isPositive();
      }
      Buffer mine = acquire("x");
      assertThat(small.send(handle, mine, 99)).isEqualTo(ErrorCode.BUSY);
      Wait.until("15 are refused by the port below", () -> small.waiting() == 15);
      assertThat(small.send(handle, mine, 99)).isEqualTo(ErrorCode.BUSY);
      assertThat(small.take(one, SOON)).isEqualTo(1);
      assertThat(small.send(handle, mine, 99)).isPositive();
    }
  }

  /** A worker may wait for the peer's answer before it takes more, and then no await of the owner comes in between. */
  @Test
  void whatIsSubmittedWhileTheQueueIsFullReachesThePeer() throws Exception {
    try (SharedPort narrow = open(1, Limits.defaults())) {
      SocketPair pair = pair();
      long handle = narrow.adopt(pair.giveNear());
      for (int i = 0; i < 4; i++) {
        assertThat(narrow.receive(handle + 1, 0, i)).isPositive();
      }
      assertThat(narrow.take(one, SOON)).isEqualTo(1);
      untilOwnerRests();
      assertThat(narrow.send(handle, acquire("question"), 9)).isPositive();
      assertThat(pair.receive(pair.far, 8)).isEqualTo(Bytes.of("question"));
      for (int i = 1; i < 4; i++) {
        assertThat(narrow.take(one, SOON)).isEqualTo(1);
        assertThat(one.result(0)).isEqualTo(ErrorCode.NOT_FOUND);
      }
      assertThat(narrow.take(one, SOON)).isEqualTo(1);
      assertThat(one.token(0)).isEqualTo(9);
      one.buffer(0).release();
    }
  }

  /** Neither a full queue nor a full table makes a submit wait, and what had to wait for the socket goes on when workers take. */
  @Test
  void submitsAreTakenOrRefusedAtOnceWhileNobodyTakes() throws Exception {
    try (SharedPort narrow = open(1, Limits.defaults().withOperations(OPERATIONS))) {
      SocketPair pair = pair();
      int filled = pair.fill(pair.near);
      long handle = narrow.adopt(pair.giveNear());
      for (int i = 0; i < 4; i++) {
        assertThat(narrow.receive(handle + 1, 0, i)).isPositive();
      }
      untilOwnerRests();
      assertThat(narrow.send(handle, acquire("behind"), 9)).isPositive();
      int submitted = 5;
      while (narrow.receive(handle + 1, 0, submitted) > 0) {
        submitted++;
      }
      assertThat(submitted).isEqualTo(OPERATIONS);
      assertThat(narrow.receive(handle + 1, 0, submitted)).isEqualTo(ErrorCode.BUSY);
      assertThat(narrow.inFlight()).isEqualTo(OPERATIONS);
      assertThat(pair.receive(pair.far, filled)).hasSize(filled);
      for (int i = 0; i < OPERATIONS; i++) {
        assertThat(narrow.take(one, SOON)).isEqualTo(1);
        if (one.operation(0) == Operation.SEND) {
          assertThat(one.result(0)).isEqualTo(6);
          one.buffer(0).release();
        } else {
          assertThat(one.result(0)).isEqualTo(ErrorCode.NOT_FOUND);
        }
      }
      assertThat(pair.receive(pair.far, 6)).isEqualTo(Bytes.of("behind"));
      assertThat(narrow.inFlight()).isZero();
    }
  }

  @Test
  void cancelledReceiveSaysSoAndTheConnectionGoesOn() throws Exception {
    SocketPair pair = pair();
    long handle = adopt(pair);
    long operation = port.receive(handle, 0, 1);
    assertThat(port.cancel(operation)).isTrue();
    next(Operation.RECEIVE, 1, ErrorCode.CANCELLED);
    assertThat(port.cancel(operation)).as("it is over").isFalse();
    long second = port.receive(handle, 0, 2);
    assertThat(port.cancel(operation)).as("a stale wish for the next in the slot").isFalse();
    pair.send(pair.far, "on");
    untilWaiting(1);
    assertThat(port.cancel(second)).as("it has landed").isFalse();
    next(Operation.RECEIVE, 2, 2);
    assertThat(text()).isEqualTo("on");
  }

  /** The owner is asleep or awake, has seen the operation or not: the answer is the same. */
  @Test
  void optionShutdownAndCloseCannotBeCancelled() throws Exception {
    for (int i = 0; i < 50; i++) {
      SocketPair pair = pair();
      long handle = adopt(pair);
      Buffer on = acquire("").putInt(Integer.reverseBytes(1));
      long option =
          port.option(handle, OptionNumbers.SOL_SOCKET, OptionNumbers.SO_KEEPALIVE, on, 1);
      assertThat(port.cancel(option)).as("an option").isFalse();
      next(Operation.OPTION, 1, 0);
      on.release();
      long shutdown = port.shutdownOutput(handle, 2);
      assertThat(port.cancel(shutdown)).as("a shutdown").isFalse();
      next(Operation.SHUTDOWN, 2, 0);
      long close = port.close(handle, 3);
      assertThat(port.cancel(close)).as("a close").isFalse();
      next(Operation.CLOSE, 3, 0);
      assertThat(port.socket(handle)).as("the handle is gone").isEqualTo(-1);
    }
  }

  @Test
  void missingBufferOrAddressThrowsAtOnceAndTakesNothing() {
    long handle = adopt(pair());
    Buffer first = acquire("first");
    Buffer[] gap = {first, null};
    assertThatThrownBy(() -> port.sendAll(handle, gap, 2, 1))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> port.send(handle, null, 1)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> port.option(handle, 1, 9, null, 1))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> port.connect(handle, null, 1))
        .isInstanceOf(NullPointerException.class);
    assertThat(port.inFlight()).isZero();
    first.release();
  }

  @Test
  void stoppedPortTakesNothingAndSaysSo() throws Exception {
    long handle = adopt(pair());
    assertThat(port.post(1, 1)).isTrue();
    port.stop();
    port.stop();
    assertThat(port.take(one, CompletionPort.FOREVER)).isEqualTo(SharedPort.STOPPED);
    assertThat(one.count()).isZero();
    Buffer mine = acquire("mine");
    assertThat(port.send(handle, mine, 1)).isEqualTo(ErrorCode.CANCELLED);
    assertThat(port.post(1, 1)).isFalse();
    assertThat(port.adopt(0)).isEqualTo(ErrorCode.CANCELLED);
    assertThat(port.cancel(1L << 32)).isFalse();
    mine.release();
  }

  @Test
  void failedOpenIsToldToTheOpenerAndFreesWhatItStoodOn() {
    boolean[] freed = new boolean[1];
    SharedPort.Foundation broken = new SharedPort.Foundation() {
      @Override
      public CompletionPort open() throws OsException {
        OsException.check("open", ErrorCode.OUT_OF_DESCRIPTORS);
        throw new AssertionError();
      }

      @Override
      public void free() {
        freed[0] = true;
      }
    };
    assertThatThrownBy(() -> SharedPort.open(OWNER, 16, Limits.defaults(), broken))
        .isInstanceOf(OsException.class);
    assertThat(freed[0]).isTrue();
    assertThatThrownBy(() -> SharedPort.open(OWNER, 0, Limits.defaults(), broken))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void failureOfThePortBelowEndsEveryTakeAndIsToldByClose() throws Exception {
    WorldBelow below = new WorldBelow(entry, Limits.defaults());
    SharedPort doomed =
        SharedPort.open(OWNER, 16, Limits.defaults(), new SharedPort.Foundation() {
          @Override
          public CompletionPort open() throws OsException {
            return new FailingPort(below.open());
          }

          @Override
          public void free() {
            below.free();
          }
        });
    assertThat(doomed.take(one, CompletionPort.FOREVER)).isEqualTo(SharedPort.STOPPED);
    assertThatThrownBy(doomed::close).isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage(FailingPort.MESSAGE);
  }

  @Test
  void interruptedTakeThrowsAndLosesNothing() throws Exception {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> port.take(one, CompletionPort.FOREVER))
        .isInstanceOf(InterruptedException.class);
    port.post(5, 6);
    next(Operation.POST, 5, 6);
    assertThat(Objects.requireNonNullElse(one.buffer(0), "none")).isEqualTo("none");
  }
}
