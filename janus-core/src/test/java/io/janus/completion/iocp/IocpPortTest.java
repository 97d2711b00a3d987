package io.janus.completion.iocp;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.contract.Footprint;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.ffi.call.NativeMemory;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the port of Windows does beyond the contract: its forms of a receive, and what they cost. */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IocpPortTest {
  private static final Address LOOPBACK = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  private static final int BUFFER_BYTES = 1024;
  private static final int POOL_BUFFERS = 16;
  private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long ALWAYS_BUSY = TimeUnit.HOURS.toNanos(1);
  private static final long NEVER_BUSY = 0;

  private final Counters counters = new Counters();
  private final Completions batch = new Completions(64);
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final List<Long> farSockets = new ArrayList<>();
  private Footprint before;
  private Sockets sockets;
  private Sockets farVerbs;
  private BufferPool pool;
  private IocpPort port;
  private Buffer own;
  private long listening;

  @BeforeEach
  void open() {
    before = Footprint.now();
    sockets = use(Sockets.open(counters));
    farVerbs = use(Sockets.open(new Counters()));
    pool = use(new BufferPool(BUFFER_BYTES, BufferPool.bytesOf(BUFFER_BYTES, POOL_BUFFERS)));
    own = Objects.requireNonNull(pool.acquire());
    use(own::release);
  }

  @AfterEach
  void everythingHasComeBack() throws Exception {
    farSockets.forEach(farVerbs::closeSocket);
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    assertThat(Footprint.now()).as("handles and mapped bytes after the test").isEqualTo(before);
  }

  private <T extends AutoCloseable> T use(T resource) {
    opened.push(resource);
    return resource;
  }

  private void openPort(boolean skips, long busyNanos) throws OsException {
    port = use(new IocpPort(sockets, pool, Limits.defaults(), counters, skips, busyNanos));
  }

  @Test
  void busyConnectionTakesOneReceiveAndOneSendForEachMessage() throws OsException {
    openPort(true, ALWAYS_BUSY);
    assertThat(callsPerMessage()).isEqualTo(2);
  }

  @Test
  void quietConnectionTakesOneReceiveMoreForEachMessage() throws OsException {
    openPort(true, NEVER_BUSY);
    assertThat(callsPerMessage()).isEqualTo(3);
  }

  @Test
  void busyConnectionTakesTheSameCallsWhereEveryOperationHasItsPacket() throws OsException {
    openPort(false, ALWAYS_BUSY);
    assertThat(callsPerMessage()).isEqualTo(2);
  }

  /** Receives and sends in the steady state; dequeues are shared by whatever has ended. */
  private long callsPerMessage() {
    int messages = 100;
    long handle = pair();
    echo(handle);
    echo(handle);
    long calls = calls();
    for (int i = 0; i < messages; i++) {
      echo(handle);
    }
    assertThat((calls() - calls) % messages).isZero();
    return (calls() - calls) / messages;
  }

  private long calls() {
    return counters.get(Counter.RECEIVE_CALLS) + counters.get(Counter.SEND_CALLS);
  }

  /** The receive is in flight before its bytes come, as between two requests. */
  private void echo(long handle) {
    port.receive(handle, 0, 1);
    port.await(batch, 0);
    assertThat(batch.count()).isZero();
    sendFromFar(farSockets.getLast(), 'x');
    port.send(handle, next(Operation.RECEIVE, 1), 2);
    next(Operation.SEND, 1).release();
    Wait.until("the answer has come", () -> {
      int result = farVerbs.receive(farSockets.getLast(), own.clear());
      return result == 1;
    });
  }

  @Test
  void bufferThatWaitsInVainGoesBackAndTheReceiveGoesOn() throws OsException {
    openPort(true, TimeUnit.MILLISECONDS.toNanos(200));
    long handle = pair();
    Wait.until("the connection is busy, so that its receive has a buffer", () -> {
      echo(handle);
      long receive = port.receive(handle, 0, 1);
      if (buffersWithTheSystem() == 1) {
        return true;
      }
      port.cancel(receive);
      assertThat(next(Operation.RECEIVE, ErrorCode.CANCELLED)).isNull();
      return false;
    });
    Wait.until("the buffer is home", () -> {
      assertThat(port.await(batch, SHORT)).isZero();
      return buffersWithTheSystem() == 0;
    });
    assertThat(port.inFlight()).isOne();
    sendFromFar(farSockets.getLast(), 'y');
    Buffer got = next(Operation.RECEIVE, 1);
    assertThat(got.getByte()).isEqualTo((byte) 'y');
    got.release();
  }

  @Test
  void cancelOfAReceiveWithABufferGivesItBackToThePool() throws OsException {
    openPort(true, ALWAYS_BUSY);
    long handle = pair();
    echo(handle);
    echo(handle);
    long receive = port.receive(handle, 0, 1);
    assertThat(buffersWithTheSystem()).isOne();
    assertThat(port.cancel(receive)).isTrue();
    assertThat(port.cancel(receive)).isFalse();
    assertThat(next(Operation.RECEIVE, ErrorCode.CANCELLED)).isNull();
    assertThat(buffersWithTheSystem()).isZero();
  }

  @Test
  void busyConnectionsTakeHalfOfThePoolAtMost() throws OsException {
    openPort(true, ALWAYS_BUSY);
    for (int i = 0; i < POOL_BUFFERS; i++) {
      long handle = pair();
      echo(handle);
      echo(handle);
      port.receive(handle, 0, 1);
    }
    assertThat(buffersWithTheSystem()).isEqualTo(POOL_BUFFERS / 2);
  }

  @Test
  void repeatedAcceptHasSeveralSocketsInTheListenerAndASilentPeerIsAccepted() throws OsException {
    openPort(true, NEVER_BUSY);
    long listener = listener(LOOPBACK);
    long before = counters.get(Counter.ACCEPT_CALLS);
    long accept = port.accept(listener, CompletionPort.REPEAT, 1);
    assertThat(counters.get(Counter.ACCEPT_CALLS) - before).isEqualTo(16);
    far(listener);
    next(Operation.ACCEPT, 0);
    assertThat(batch.more(0)).isTrue();
    assertThat(counters.get(Counter.ACCEPT_CALLS) - before).isEqualTo(17);
    assertThat(port.cancel(accept)).isTrue();
    next(Operation.ACCEPT, ErrorCode.CANCELLED);
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void handleIsTheSystemsAtItsFirstOperationAndUntilThenAnotherPortCanHaveIt() throws OsException {
    openPort(true, NEVER_BUSY);
    long listener = listener(LOOPBACK);
    port.accept(listener, 0, 1);
    far(listener);
    next(Operation.ACCEPT, 0);
    long handle = batch.handle(0);
    long socket = port.disown(handle);
    assertThat(socket).isPositive();
    assertThat(port.disown(handle)).isEqualTo(-1);
    assertThat(port.receive(handle, 0, 1)).isEqualTo(ErrorCode.NOT_FOUND);
    IocpPort other = use(IocpPort.open(sockets, pool, Limits.defaults(), counters, true));
    long adopted = other.adopt(socket);
    assertThat(adopted).isPositive();
    assertThat(other.disown(adopted)).as("adopted for life").isEqualTo(-1);
    assertThat(port.adopt(socket)).as("a second port").isNegative();
    sendFromFar(farSockets.getLast(), 'z');
    other.receive(adopted, 0, 1);
    Wait.until("the byte comes to the other port", () -> other.await(batch, SHORT) == 1);
    Objects.requireNonNull(batch.buffer(0)).release();
  }

  @Test
  void connectionsOfTheOtherFamilyHaveTheirAddresses() throws OsException {
    openPort(true, NEVER_BUSY);
    byte[] one = new byte[16];
    one[15] = 1;
    Address loopback6 = new Address.Ipv6(one, 0, 0);
    long probe = farVerbs.open(loopback6);
    boolean there = probe >= 0 && farVerbs.bind(probe, loopback6) == 0;
    if (probe >= 0) {
      farVerbs.closeSocket(probe);
    }
    Assumptions.assumeTrue(there, "this machine has no IPv6");
    long listener = listener(loopback6);
    Address at = Objects.requireNonNull(sockets.localAddress(port.socket(listener)));
    port.accept(listener, CompletionPort.WITH_PEER, 1);
    long client = port.adopt(sockets.open(at));
    port.connect(client, at, 2);
    Address peer = null;
    for (int ended = 0; ended < 2;) {
      port.await(batch, SHORT);
      for (int i = 0; i < batch.count(); i++, ended++) {
        assertThat(batch.result(i)).isZero();
        peer = batch.operation(i) == Operation.ACCEPT ? batch.peer(i) : peer;
      }
    }
    assertThat(peer).isEqualTo(sockets.localAddress(port.socket(client)))
        .isInstanceOf(Address.Ipv6.class);
    assertThat(sockets.peerAddress(port.socket(client))).isEqualTo(at);
  }

  @Test
  void pathCannotBeConnectedTo() throws OsException {
    openPort(true, NEVER_BUSY);
    long handle = port.adopt(sockets.open(LOOPBACK));
    assertThat(port.connect(handle, new Address.Unix("nowhere"), 1))
        .isEqualTo(ErrorCode.NO_SUCH_FAMILY);
    assertThat(port.abilities() & CompletionPort.PATHS).isZero();
    assertThat(port.inFlight()).isZero();
  }

  @Test
  void portWithThousandsInFlightClosesInOrder() throws OsException {
    openPort(true, NEVER_BUSY);
    long listener = listener(LOOPBACK);
    port.accept(listener, CompletionPort.REPEAT, 1);
    int connections = 1_200;
    for (int i = 0; i < connections; i++) {
      far(listener);
      next(Operation.ACCEPT, 0);
      long handle = batch.handle(0);
      assertThat(port.receive(handle, 0, 1)).isPositive();
    }
    assertThat(port.inFlight()).isEqualTo(connections + 1);
    port.close();
    assertThat(pool.outstanding()).as("but the test's own").isOne();
  }

  /** Each of them alone would be sent whole; together they are more than one send takes. */
  @Test
  void sendOfMoreThanTheSystemShouldLockEndsShort() throws OsException {
    openPort(true, NEVER_BUSY);
    long handle = pair();
    int first = IocpSender.MOST_BYTES - 5;
    MemorySegment memory = NativeMemory.map(first);
    MemorySegment farMemory = NativeMemory.map(1 << 20);
    Buffer taken = Buffer.over(farMemory);
    Buffer[] twice = {Buffer.over(memory), Buffer.over(memory)};
    twice[0].copyIn(new byte[first]);
    twice[1].copyIn(new byte[first]);
    assertThat(port.sendAll(handle, twice, 2, 3)).isPositive();
    Wait.until("the far end has taken what the send gave", () -> {
      farVerbs.receive(farSockets.getLast(), taken.clear());
      return port.await(batch, 0) > 0;
    }, Thread::onSpinWait);
    assertThat(batch.result(0)).isEqualTo(IocpSender.MOST_BYTES);
    assertThat(twice[0].readable()).isZero();
    assertThat(twice[1].readIndex()).isEqualTo(5);
    NativeMemory.unmap(memory);
    NativeMemory.unmap(farMemory);
  }

  @Test
  void socketThatAnotherThreadClosesUnderItsReceiveEndsTheReceive() throws Exception {
    openPort(true, NEVER_BUSY);
    long handle = pair();
    assertThat(port.receive(handle, 0, 1)).isPositive();
    assertThat(port.await(batch, 0)).isZero();
    long socket = port.socket(handle);
    Thread.ofPlatform().start(() -> {
      try (Sockets others = Sockets.open(new Counters())) {
        others.closeSocket(socket);
      }
    }).join();
    Wait.until("the receive has ended", () -> port.await(batch, SHORT) > 0);
    assertThat(batch.operation(0)).isEqualTo(Operation.RECEIVE);
    assertThat(batch.result(0)).isNegative();
    assertThat(port.receive(handle, 0, 2)).isPositive();
    Wait.until("the next one fails", () -> port.await(batch, SHORT) > 0);
    assertThat(OsError.kindOf(batch.result(0))).isEqualTo(ErrorKind.BAD_HANDLE);
    assertThat(port.close(handle, 0, 3)).isPositive();
    assertThat(port.await(batch, 0)).isOne();
    assertThat(OsError.kindOf(batch.result(0))).isEqualTo(ErrorKind.BAD_HANDLE);
  }

  @Test
  void virtualThreadIsRefused() throws Exception {
    Throwable[] thrown = new Throwable[1];
    Thread.ofVirtual().start(() -> {
      try {
        IocpPort.open(sockets, pool, Limits.defaults(), counters, true);
      } catch (Exception e) {
        thrown[0] = e;
      }
    }).join();
    assertThat(thrown[0]).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("platform thread");
  }

  private long listener(Address at) {
    long socket = sockets.open(at);
    assertThat(sockets.bind(socket, at)).isZero();
    assertThat(sockets.listen(socket, 200)).isZero();
    return port.adopt(socket);
  }

  /** Another end that connects to the listener. */
  private void far(long listener) {
    Address at = Objects.requireNonNull(sockets.localAddress(port.socket(listener)));
    long socket = farVerbs.open(at);
    farSockets.add(socket);
    assertThat(farVerbs.connect(socket, at)).isIn(0, ErrorCode.IN_PROGRESS);
  }

  /** A connection of the port, whose other end is the last one. */
  private long pair() {
    if (listening == 0) {
      listening = listener(LOOPBACK);
    }
    port.accept(listening, 0, 1);
    far(listening);
    next(Operation.ACCEPT, 0);
    return batch.handle(0);
  }

  private void sendFromFar(long socket, char letter) {
    own.clear().putByte((byte) letter);
    Wait.until("it is sent", () -> farVerbs.send(socket, own) == 1);
  }

  /** The next completion, which is alone in its batch: its buffer. */
  private Buffer next(Operation kind, int result) {
    Wait.until("a completion comes", () -> port.await(batch, SHORT) > 0);
    assertThat(batch.count()).isOne();
    assertThat(batch.operation(0)).isEqualTo(kind);
    assertThat(batch.result(0)).isEqualTo(result);
    return batch.buffer(0);
  }

  /** What the pool cannot give, but for the test's own buffer. */
  private int buffersWithTheSystem() {
    List<Buffer> all = new ArrayList<>();
    for (Buffer next = pool.acquire(); next != null; next = pool.acquire()) {
      all.add(next);
    }
    all.forEach(Buffer::release);
    return POOL_BUFFERS - 1 - all.size();
  }
}
