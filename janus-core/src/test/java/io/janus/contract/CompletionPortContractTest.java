package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link CompletionPort} promises of its verbs. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#ports")
class CompletionPortContractTest extends PortTest {

  @Test
  void receiveCompletesWithTheBytesInABufferOfThePool() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    assertThat(port.receive(handle, 0, 5)).isPositive();
    staysQuiet();
    assertThat(pool.outstanding()).as("buffers of an idle receive").isZero();
    pair.send(pair.far, "hello");
    Done done = next(Operation.RECEIVE, 5);
    assertThat(done.result()).isEqualTo(5);
    assertThat(done.handle()).isEqualTo(handle);
    assertThat(done.text()).isEqualTo("hello");
    staysQuiet();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void receiveOfBytesThatWaitCompletesInTheNextAwaitOnly() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    pair.send(pair.far, "there");
    assertThat(port.receive(handle, 0, 5)).isPositive();
    assertThat(port.inFlight()).isEqualTo(1);
    assertThat(next(Operation.RECEIVE, 5).text()).isEqualTo("there");
  }

  @Test
  void receiveIntoABufferOfTheCallerRespectsItsLimit() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    Buffer own = acquire("head:").limit(5 + 4);
    port.receive(handle, own, 6);
    pair.send(pair.far, "123456");
    Done done = next(Operation.RECEIVE, 6);
    assertThat(done.result()).isEqualTo(4);
    assertThat(done.buffer()).isSameAs(own);
    assertThat(done.text()).isEqualTo("head:1234");
  }

  @Test
  void receiveWithoutRoomIsRefusedBeforeAnythingIsTaken() {
    long handle = adopt(pair());
    Buffer full = acquire().limit(0);
    assertThatThrownBy(() -> port.receive(handle, full, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(port.inFlight()).isZero();
    full.release();
  }

  @Test
  void receiveEndsWithZeroAtThePeersEnd() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    pair.send(pair.far, "bye");
    sockets.shutdownOutput(pair.far);
    port.receive(handle, 0, 1);
    assertThat(next(Operation.RECEIVE, 1).text()).isEqualTo("bye");
    port.receive(handle, 0, 2);
    Done end = next(Operation.RECEIVE, 2);
    assertThat(end.result()).isZero();
    assertThat(end.buffer()).isNull();
    assertThat(pool.outstanding()).isZero();
  }

  @Test
  void resetEndsAReceiveThatWaits() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    port.receive(handle, 0, 1);
    staysQuiet();
    pair.resetFar();
    assertThat(next(Operation.RECEIVE, 1).result()).isEqualTo(ErrorCode.CONNECTION_RESET);
  }

  /** As of a peer that has sent and reset before the connection was accepted. */
  @Test
  void resetBehindBytesIsToldByAReceiveThatBeginsAfterBoth() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    pair.send(pair.far, "last words");
    staysQuiet();
    pair.resetFar();
    staysQuiet();
    port.receive(handle, CompletionPort.REPEAT, 1);
    Done done = next();
    while (done.result() > 0) {
      done.buffer().release();
      if (!done.more()) {
        port.receive(handle, CompletionPort.REPEAT, 1);
      }
      done = next();
    }
    assertThat(done.result()).isEqualTo(ErrorCode.CONNECTION_RESET);
  }

  @Test
  void handleThatWasWronglyAskedToAcceptReceivesAndCancelsAsAnyOther() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    long accept = port.accept(handle, 0, 1);
    if (accept > 0) {
      port.cancel(accept);
      assertThat(next(Operation.ACCEPT, 1).result()).isNegative();
    }
    long receive = port.receive(handle, 0, 2);
    assertThat(receive).isPositive();
    staysQuiet();
    assertThat(port.cancel(receive)).isTrue();
    assertThat(next(Operation.RECEIVE, 2).result()).isEqualTo(ErrorCode.CANCELLED);
  }

  @Test
  void sendCompletesWithTheBytesTaken() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    Buffer buffer = acquire("answer");
    assertThat(port.send(handle, buffer, 9)).isPositive();
    Done done = next(Operation.SEND, 9);
    assertThat(done.result()).isEqualTo(6);
    assertThat(done.buffer()).isSameAs(buffer);
    assertThat(buffer.readable()).isZero();
    buffer.release();
    assertThat(pair.receive(pair.far, 6)).isEqualTo(Bytes.of("answer"));
  }

  @Test
  void sendThatFindsNoRoomCompletesWhenThePeerHasRead() {
    SocketPair pair = pair();
    int filled = pair.fill(pair.near);
    long handle = adopt(pair);
    port.send(handle, acquire("behind"), 1);
    staysQuiet();
    pair.receive(pair.far, filled);
    Done done = next(Operation.SEND, 1);
    assertThat(done.result()).isEqualTo(6);
    done.buffer().release();
    assertThat(pair.receive(pair.far, 6)).isEqualTo(Bytes.of("behind"));
  }

  @Test
  void gatheredSendKeepsOrderAndMayEndShort() {
    SocketPair pair = pair();
    sockets.setOption(pair.near, SocketOption.SEND_BUFFER_BYTES, 4096);
    long handle = adopt(pair);
    byte[] all = Bytes.pattern(16 * BUFFER_BYTES, 1);
    Buffer[] buffers = new Buffer[16];
    for (int i = 0; i < 16; i++) {
      buffers[i] = acquire().copyIn(all, i * BUFFER_BYTES, BUFFER_BYTES);
    }
    Bytes arrived = new Bytes();
    int first = 0;
    while (first < 16) {
      Buffer[] rest = java.util.Arrays.copyOfRange(buffers, first, 16);
      assertThat(port.sendAll(handle, rest, rest.length, 3)).isPositive();
      Done done = awaitWhileReading(pair, arrived);
      assertThat(done.result()).isPositive();
      assertThat(done.buffer()).isSameAs(rest[0]);
      while (first < 16 && buffers[first].readable() == 0) {
        buffers[first++].release();
      }
    }
    Wait.until("all have come", () -> {
      pair.receive(pair.far, arrived);
      return arrived.size() == all.length;
    }, world::letTimePass);
    assertThat(arrived.toArray()).isEqualTo(all);
  }

  @Test
  void gatheredSendOfNoneOrTooManyIsRefused() {
    long handle = adopt(pair());
    assertThatThrownBy(() -> port.sendAll(handle, new Buffer[0], 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> port.sendAll(handle, new Buffer[17], 17, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void receiveAndSendAreInFlightAtTheSameTime() {
    SocketPair pair = pair();
    int filled = pair.fill(pair.near);
    long handle = adopt(pair);
    assertThat(port.receive(handle, 0, 1)).isPositive();
    assertThat(port.send(handle, acquire("out"), 2)).isPositive();
    staysQuiet();
    assertThat(port.inFlight()).isEqualTo(2);
    pair.send(pair.far, "in");
    assertThat(next(Operation.RECEIVE, 1).text()).isEqualTo("in");
    pair.receive(pair.far, filled);
    next(Operation.SEND, 2).buffer().release();
  }

  @Test
  void acceptGivesAnAdoptedHandleAndThePeer() {
    long listener = port.adopt(SocketPair.listen(world));
    Address at = sockets.localAddress(port.socket(listener));
    assertThat(port.accept(listener, CompletionPort.WITH_PEER, 1)).isPositive();
    staysQuiet();
    long client = sockets.open(at);
    sockets.connect(client, at);
    Wait.until("the accept ends", () -> port.await(completions, SHORT) > 0, world::letTimePass);
    assertThat(completions.operation(0)).isEqualTo(Operation.ACCEPT);
    assertThat(completions.result(0)).isZero();
    assertThat(completions.more(0)).isFalse();
    assertThat(completions.peer(0)).isEqualTo(sockets.localAddress(client));
    long handle = completions.handle(0);
    assertThat(handle).isPositive().isNotEqualTo(listener);
    sendAll(handle, acquire("hi"));
    assertThat(port.close(handle, 2)).isPositive();
    assertThat(next(Operation.CLOSE, 2).result()).isZero();
    sockets.closeSocket(client);
  }

  @Test
  void connectMakesAConnection() {
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    long handle = port.adopt(sockets.open(at));
    assertThat(port.connect(handle, at, 4)).isPositive();
    assertThat(next(Operation.CONNECT, 4).result()).isZero();
    sendAll(handle, acquire("hi"));
    sockets.closeSocket(listener);
  }

  @Test
  void refusedConnectEndsWithItsError() {
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    sockets.closeSocket(listener);
    long handle = port.adopt(sockets.open(at));
    assertThat(port.connect(handle, at, 4)).isPositive();
    Done done = next(Operation.CONNECT, 4);
    assertThat(OsError.kindOf(done.result())).isEqualTo(ErrorKind.CONNECTION_REFUSED);
    assertThat(port.close(handle, 5)).isPositive();
    assertThat(next(Operation.CLOSE, 5).result()).isZero();
  }

  @Test
  void shutdownOutputSendsTheEndAndReceivingGoesOn() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    sendAll(handle, acquire("last"));
    assertThat(port.shutdownOutput(handle, 3)).isPositive();
    assertThat(next(Operation.SHUTDOWN, 3).result()).isZero();
    Bytes sink = new Bytes();
    assertThat(pair.receiveEnd(pair.far, sink)).isZero();
    assertThat(sink).hasToString("last");
    pair.send(pair.far, "still");
    port.receive(handle, 0, 4);
    assertThat(next(Operation.RECEIVE, 4).text()).isEqualTo("still");
  }

  @Test
  void shutdownOutputGoesBehindTheSendInFlight() {
    SocketPair pair = pair();
    int filled = pair.fill(pair.near);
    long handle = adopt(pair);
    assertThat(port.send(handle, acquire("behind"), 1)).isPositive();
    assertThat(port.shutdownOutput(handle, 2)).isPositive();
    assertThat(port.shutdownOutput(handle, 3)).as("a second one").isEqualTo(ErrorCode.BUSY);
    staysQuiet();
    pair.receive(pair.far, filled);
    Done sent = next(Operation.SEND, 1);
    assertThat(sent.result()).isEqualTo(6);
    sent.buffer().release();
    assertThat(next(Operation.SHUTDOWN, 2).result()).isZero();
    Bytes sink = new Bytes();
    assertThat(pair.receiveEnd(pair.far, sink)).isZero();
    assertThat(sink).hasToString("behind");
  }

  @Test
  void shutdownOutputBehindACancelledSendEndsToo() {
    SocketPair pair = pair();
    pair.fill(pair.near);
    long handle = adopt(pair);
    long operation = port.send(handle, acquire("never"), 1);
    long shutdown = port.shutdownOutput(handle, 2);
    staysQuiet();
    assertThat(port.cancel(shutdown)).as("a shutdown cannot be cancelled").isFalse();
    assertThat(port.cancel(operation)).isTrue();
    next(Operation.SEND, 1).buffer().release();
    assertThat(next(Operation.SHUTDOWN, 2).result()).isZero();
    assertThat(port.close(handle, 3)).isPositive();
    next(Operation.CLOSE, 3);
  }

  @Test
  void optionIsSetByTheSystemsOwnNumbers() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    Buffer one = acquire().putInt(Integer.reverseBytes(1));
    assertThat(port.option(handle, OptionNumbers.SOL_SOCKET, OptionNumbers.SO_KEEPALIVE, one, 8))
        .isPositive();
    Done done = next(Operation.OPTION, 8);
    assertThat(done.result()).isZero();
    done.buffer().release();
    assertThat(sockets.getOption(port.socket(handle), SocketOption.KEEP_ALIVE)).isEqualTo(1);
    Buffer two = acquire().putInt(0);
    port.option(handle, OptionNumbers.SOL_SOCKET, 9999, two, 9);
    Done failed = next(Operation.OPTION, 9);
    assertThat(OsError.kindOf(failed.result())).isEqualTo(ErrorKind.NOT_SUPPORTED);
    failed.buffer().release();
  }

  @Test
  void closeGivesThePeerItsEndAndTheHandleIsGone() {
    SocketPair pair = pair();
    long handle = adopt(pair);
    assertThat(port.socket(handle)).isNotNegative();
    assertThat(port.close(handle, 1)).isPositive();
    assertThat(next(Operation.CLOSE, 1).result()).isZero();
    assertThat(pair.receiveEnd(pair.far, new Bytes())).isZero();
    assertThat(port.socket(handle)).isEqualTo(-1);
    assertThat(port.receive(handle, 0, 2)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.close(handle, 3)).isEqualTo(ErrorCode.NOT_FOUND);
    Buffer mine = acquire("x");
    assertThat(port.send(handle, mine, 4)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(mine.readable()).as("a refused send takes nothing").isEqualTo(1);
    mine.release();
  }

  @Test
  void batchOfOneTakesExactlyOneAndLosesNone() {
    Completions one = new Completions(1);
    Set<Long> tokens = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      SocketPair pair = pair();
      pair.send(pair.far, "x");
      port.receive(adopt(pair), 0, i);
    }
    Wait.until("ten ends were dequeued", () -> {
      assertThat(take(one, SHORT)).isBetween(0, 1);
      return waiting.size() == 10;
    }, world::letTimePass);
    while (!waiting.isEmpty()) {
      Done done = waiting.remove();
      assertThat(tokens.add(done.token())).isTrue();
      assertThat(done.text()).isEqualTo("x");
    }
  }

  @Test
  void unknownAndClosedHandlesAreNotFound() {
    assertThat(port.receive(0, 0, 1)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.receive(-5, 0, 1)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.receive(Long.MAX_VALUE, 0, 1)).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(port.cancel(0)).isFalse();
    assertThat(port.cancel(-1)).isFalse();
    assertThat(port.cancel(Long.MAX_VALUE)).isFalse();
    assertThat(port.socket(12345)).isEqualTo(-1);
  }

  private Done awaitWhileReading(SocketPair pair, Bytes arrived) {
    Wait.until("the send ends", () -> {
      take(SHORT);
      pair.receive(pair.far, arrived);
      return !waiting.isEmpty();
    }, world::letTimePass);
    return next(Operation.SEND, 3);
  }
}
