package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link CompletionPort} promises of buffers, slots and handles: one owner at a time, and all come back. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#ports")
class CompletionPortOwnershipTest extends PortTest {

  @Test
  void touchingABufferInFlightThrowsWithTheOperationsName() {
    SocketPair pair = pair();
    pair.fill(pair.near);
    long handle = adopt(pair);
    Buffer out = acquire("out");
    port.send(handle, out, 1);
    Buffer in = acquire();
    port.receive(handle, in, 2);
    for (Runnable touch : List.<Runnable>of(out::readable, out::getByte,
        () -> out.putByte((byte) 1),
        out::clear, out::segment, out::release, out::keep)) {
      assertThatThrownBy(touch::run).isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("given to a send");
    }
    assertThatThrownBy(in::readable).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("given to a receive");
    pair.send(pair.far, "x");
    Done done = next();
    if (done.operation() == Operation.SEND) {
      // The network may have taken more bytes meanwhile.
      done.buffer().release();
      done = next();
    }
    assertThat(done.text()).isEqualTo("x");
  }

  @Test
  void submittingABufferTwiceThrowsAndTakesNothing() {
    SocketPair first = pair();
    first.fill(first.near);
    long stuck = adopt(first);
    long free = adopt(pair());
    Buffer buffer = acquire("once");
    port.send(stuck, buffer, 1);
    assertThatThrownBy(() -> port.send(free, buffer, 2)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> port.receive(free, buffer, 2))
        .isInstanceOf(IllegalStateException.class);
    Buffer other = acquire("other");
    assertThatThrownBy(() -> port.sendAll(free, new Buffer[] {other, buffer}, 2, 3))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> port.sendAll(free, new Buffer[] {other, other}, 2, 3))
        .isInstanceOf(IllegalStateException.class);
    assertThat(other.readable()).as("the innocent buffer is the caller's again").isEqualTo(5);
    assertThat(port.inFlight()).isEqualTo(1);
    sendAll(free, other);
  }

  @Test
  void missingBufferOrAddressThrowsAndTakesNothing() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    Buffer first = acquire("first");
    Buffer last = acquire(" last");
    Custody.lend(first);
    Buffer[] gap = {first, null, last};
    assertThatThrownBy(() -> port.sendAll(handle, gap, 3, 1))
        .isInstanceOf(NullPointerException.class);
    Buffer[] twice = {first, last, first};
    assertThatThrownBy(() -> port.sendAll(handle, twice, 3, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> port.connect(handle, null, 1))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> port.send(handle, null, 1)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> port.receive(handle, null, 1))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> port.option(handle, 1, 9, null, 1))
        .isInstanceOf(NullPointerException.class);
    assertThat(Custody.of(first)).as("is lent as before").isEqualTo(Custody.LENT);
    assertThat(Custody.of(last)).isEqualTo(Custody.OWNED);
    assertThat(port.inFlight()).isZero();
    assertThat(port.sendAll(handle, new Buffer[] {first, last}, 2, 2)).isPositive();
    next(Operation.SEND, 2);
    assertThat(pair.receive(pair.far, 10)).isEqualTo(Bytes.of("first last"));
    first.release();
    last.release();
    assertThat(port.close(handle, 3)).as("nothing is in flight").isPositive();
    next(Operation.CLOSE, 3);
  }

  @Test
  void submittingAReleasedBufferThrows() {
    long handle = adopt(pair());
    Buffer buffer = acquire("x");
    buffer.release();
    assertThatThrownBy(() -> port.send(handle, buffer, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("released");
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void secondReceiveIsBusyUntilTheFirstWasTaken() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    port.receive(handle, 0, 1);
    assertThat(port.receive(handle, 0, 2)).isEqualTo(ErrorCode.BUSY);
    Buffer own = acquire();
    assertThat(port.receive(handle, own, 2)).isEqualTo(ErrorCode.BUSY);
    own.release();
    pair.send(pair.far, "x");
    assertThat(next(Operation.RECEIVE, 1).text()).isEqualTo("x");
    SocketPair other = pair();
    other.send(other.far, "y");
    long ready = adopt(other);
    assertThat(port.receive(ready, 0, 3)).isPositive();
    assertThat(port.receive(ready, 0, 4)).as("although the bytes are there already")
        .isEqualTo(ErrorCode.BUSY);
    assertThat(next(Operation.RECEIVE, 3).text()).isEqualTo("y");
  }

  @Test
  void secondSendIsBusyUntilTheFirstWasTaken() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    assertThat(port.send(handle, acquire("1"), 1)).isPositive();
    Buffer second = acquire("2");
    assertThat(port.send(handle, second, 2)).as("its order would be unknown if the first is short")
        .isEqualTo(ErrorCode.BUSY);
    assertThat(port.sendAll(handle, new Buffer[] {second}, 1, 2)).isEqualTo(ErrorCode.BUSY);
    next(Operation.SEND, 1).buffer().release();
    sendAll(handle, second);
    assertThat(pair.receive(pair.far, 2)).isEqualTo(Bytes.of("12"));
  }

  @Test
  void closeWithAnOperationInFlightThrowsAndTheOperationLivesOn() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    port.receive(handle, 0, 1);
    assertThatThrownBy(() -> port.close(handle, 2)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("in flight");
    pair.send(pair.far, "x");
    Wait.until("the bytes were seen", () -> {
      take(SHORT);
      return !waiting.isEmpty();
    }, world::letTimePass);
    assertThat(next(Operation.RECEIVE, 1).text()).isEqualTo("x");
    assertThat(port.close(handle, 3)).isPositive();
    next(Operation.CLOSE, 3);
  }

  @Test
  void handleIsNotFoundFromTheSubmitOfItsCloseOn() {
    SocketPair pair = pair();
    pair.send(pair.far, "for nobody");
    long handle = adopt(pair);
    Buffer mine = acquire("x");
    assertThat(port.close(handle, 1)).isPositive();
    assertThat(port.socket(handle)).isEqualTo(-1);
    assertThat(port.lend(handle)).isEqualTo(-1);
    assertThat(port.receive(handle, 0, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.receive(handle, mine, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.accept(handle, 0, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.connect(handle, world.anyAddress(), 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.send(handle, mine, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.sendAll(handle, new Buffer[] {mine}, 1, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.option(handle, 1, 9, mine, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.shutdownOutput(handle, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.close(handle, 2)).as("a second close").isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.inFlight()).isEqualTo(1);
    assertThat(next(Operation.CLOSE, 1).result()).isZero();
    mine.release();
  }

  @Test
  void closeWithACompletionNotYetTakenThrows() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    port.send(handle, acquire("x"), 1);
    assertThatThrownBy(() -> port.close(handle, 2)).isInstanceOf(IllegalStateException.class);
    next(Operation.SEND, 1).buffer().release();
  }

  @Test
  void noBufferEndsTheReceiveAndLosesNothing() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    List<Buffer> all = new ArrayList<>();
    for (Buffer buffer = pool.acquire(); buffer != null; buffer = pool.acquire()) {
      all.add(buffer);
    }
    port.receive(handle, 0, 1);
    staysQuiet();
    pair.send(pair.far, "kept");
    Done starved = next(Operation.RECEIVE, 1);
    assertThat(starved.result()).isEqualTo(ErrorCode.NO_BUFFER);
    assertThat(starved.buffer()).isNull();
    all.forEach(Buffer::release);
    port.receive(handle, 0, 2);
    assertThat(next(Operation.RECEIVE, 2).text()).isEqualTo("kept");
  }

  @Test
  void fullTableIsBusyAndTakesNothing() throws OsException {
    try (CompletionPort small =
        world.port(pool, Limits.defaults().withOperations(16), counters)) {
      List<SocketPair> pairs = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        SocketPair pair = pair();
        pairs.add(pair);
        assertThat(small.receive(small.adopt(pair.giveNear()), 0, i)).isPositive();
      }
      long handle = small.adopt(pair().giveNear());
      Buffer mine = acquire("x");
      assertThat(small.receive(handle, 0, 99)).isEqualTo(ErrorCode.BUSY);
      assertThat(small.send(handle, mine, 99)).isEqualTo(ErrorCode.BUSY);
      assertThat(small.close(handle, 99)).isEqualTo(ErrorCode.BUSY);
      assertThat(mine.readable()).isEqualTo(1);
      pairs.getFirst().send(pairs.getFirst().far, "y");
      Wait.until("one has ended", () -> small.await(completions, SHORT) == 1, world::letTimePass);
      Objects.requireNonNull(completions.buffer(0)).release();
      assertThat(small.send(handle, mine, 99)).isPositive();
    }
  }

  @Test
  void closingThePortGivesEveryBufferBack() throws OsException {
    try (BufferPool own = new BufferPool(BUFFER_BYTES, BufferPool.bytesOf(BUFFER_BYTES, 64))) {
      CompletionPort doomed = world.port(own, Limits.defaults(), counters);
      SocketPair stuck = pair();
      stuck.fill(stuck.near);
      long handle = doomed.adopt(stuck.giveNear());
      doomed.receive(handle, Objects.requireNonNull(own.acquire()), 1);
      Buffer[] gather = {Objects.requireNonNull(own.acquire()).putByte((byte) 1),
        Objects.requireNonNull(own.acquire()).putByte((byte) 2)};
      doomed.sendAll(handle, gather, 2, 2);
      SocketPair done = pair();
      done.send(done.far, "ended but not taken");
      long other = doomed.adopt(done.giveNear());
      doomed.receive(other, 0, 3);
      doomed.send(other, Objects.requireNonNull(own.acquire()).putByte((byte) 3), 4);
      long third = doomed.adopt(pair().giveNear());
      doomed.receive(third, 0, 5);
      doomed.close();
      doomed.close();
      assertThat(own.outstanding()).isZero();
    }
  }

  @Test
  void everyVerbAfterCloseThrowsAndTakesNothing() throws OsException {
    CompletionPort over = world.port(pool, Limits.defaults(), counters);
    SocketPair pair = pair();
    SocketPair other = pair();
    long handle = over.adopt(pair.giveNear());
    long operation = over.receive(handle, 0, 1);
    over.close();
    Buffer mine = acquire("x");
    Buffer[] both = {mine};
    for (Runnable verb : List.<Runnable>of(() -> over.adopt(other.near),
        () -> over.accept(handle, 0, 2),
        () -> over.connect(handle, world.anyAddress(), 2),
        () -> over.receive(handle, 0, 2),
        () -> over.receive(handle, mine, 2),
        () -> over.send(handle, mine, 2),
        () -> over.sendAll(handle, both, 1, 2),
        () -> over.option(handle, 1, 9, mine, 2),
        () -> over.shutdownOutput(handle, 2),
        () -> over.close(handle, 2),
        () -> over.close(handle, CompletionPort.RESET, 2),
        () -> over.cancel(operation),
        () -> over.await(completions, 0))) {
      assertThatThrownBy(verb::run).isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
    assertThat(over.post(3, 4)).as("a post that no await will bring").isFalse();
    over.wake();
    over.close();
    assertThat(mine.readable()).as("a refused verb takes nothing").isEqualTo(1);
    mine.release();
  }

  @Test
  void closingThePortClosesConnectionsThatNobodyTook() throws OsException {
    CompletionPort doomed = world.port(pool, Limits.defaults(), counters);
    long listener = doomed.adopt(SocketPair.listen(world));
    var at = sockets.localAddress(doomed.socket(listener));
    long client = sockets.open(at);
    sockets.connect(client, at);
    doomed.accept(listener, 0, 1);
    doomed.await(new io.janus.completion.Completions(1), 0);
    doomed.close();
    sockets.closeSocket(client);
  }

  @Test
  void deepChainOfImmediateEndsDoesNotRecurse() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    Bytes sink = new Bytes();
    Buffer buffer = acquire();
    for (int i = 0; i < 20_000; i++) {
      port.send(handle, buffer.clear().putByte((byte) i), i);
      assertThat(next(Operation.SEND, i).result()).isEqualTo(1);
      if (i % 1000 == 999) {
        pair.receive(pair.far, sink);
      }
    }
    buffer.release();
  }

  @Test
  void manyEndsWaitForOneAwaitInTheOrderOfTheirSubmits() {
    for (int i = 0; i < 200; i++) {
      port.shutdownOutput(adopt(pair()), i);
    }
    assertThat(port.inFlight()).isEqualTo(200);
    for (int i = 0; i < 200; i++) {
      next(Operation.SHUTDOWN, i);
    }
  }
}
