package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The write deadline goes by what the peer takes, not by how long a byte waits. Time stands still here until the test moves it, so no busy
 * machine makes a reader slow.
 */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managersByTurns")
class WriteDeadlineContractTest extends ManagerTest {
  private static final int MILLIS = 1_000;
  private static final int WINDOW = 16 << 10;

  /** Small buffers, so that one send is small; a queue in which a byte waits for many write times. */
  private static final Limits SLOW = LIMITS.withWriteMillis(MILLIS)
      .withLingerMillis(MILLIS)
      .withBufferBytes(4096)
      .withOutboundBytes(2 << 20);

  /** Bytes read in half a write time: more than one send has, far less than the queue. */
  private static final int STEP = 128 << 10;

  /** So that the kernel takes bytes in steps much smaller than one of the reader's. */
  private static final int SMALL_SEND_BUFFER = 32 << 10;

  /** So that it takes them in steps much larger. */
  private static final int LARGE_SEND_BUFFER = 200_000;

  /** Bytes read in half a write time: far less than the kernel's next step, which is a third of what it has made of the send buffer. */
  private static final int SMALL_STEP = 24 << 10;

  private long nanos = TimeUnit.SECONDS.toNanos(1);

  @Test
  void slowButSteadyReaderLivesHoweverLongItsBytesWait() throws OsException {
    Rig rig = rig(SLOW, () -> nanos);
    Scripted server = filling();
    Peer peer = use(new Peer(world, listen(rig, server, SMALL_SEND_BUFFER), WINDOW));
    readFor(rig, peer, server, 6, STEP);
  }

  @Test
  void readerWhoseProgressOnlyTheKernelSeesLives() throws OsException {
    assumeTrue(SystemName.LINUX && world.hasThreads(), "only Linux tells what is acknowledged");
    Rig rig = rig(SLOW, () -> nanos);
    Scripted server = filling();
    Peer peer = use(new Peer(world, listen(rig, server, LARGE_SEND_BUFFER), WINDOW));
    readFor(rig, peer, server, 8, SMALL_STEP);
  }

  @Test
  void idleTimeLeavesAReaderAloneWhoseProgressOnlyTheKernelSees() throws OsException {
    assumeTrue(SystemName.LINUX && world.hasThreads(), "only Linux tells what is acknowledged");
    Rig rig = rig(SLOW.withWriteMillis(0).withIdleMillis(MILLIS), () -> nanos);
    Scripted server = filling();
    Peer peer = use(new Peer(world, listen(rig, server, LARGE_SEND_BUFFER), WINDOW));
    readFor(rig, peer, server, 8, SMALL_STEP);
  }

  @Test
  void readerThatStopsIsCutAlthoughItHasReadBefore() throws OsException {
    Rig rig = rig(SLOW, () -> nanos);
    Scripted server = filling();
    Peer peer = use(new Peer(world, listen(rig, server, SMALL_SEND_BUFFER), WINDOW));
    readFor(rig, peer, server, 3, STEP);
    for (int eighths = 0; eighths < 16 && server.closed.get() == 0; eighths++) {
      pass(rig, MILLIS / 8);
    }
    rig.until("it was cut", () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    rig.until("the reset has come", peer::hasEnded);
    peer.assertWasReset();
  }

  @Test
  void closeWithoutAWriteTimeLingersWhileThePeerTakesBytes() throws OsException {
    assumeTrue(SystemName.LINUX && world.hasThreads(), "only Linux tells what is acknowledged");
    Rig rig = rig(SLOW.withWriteMillis(0), () -> nanos);
    Scripted server = filling();
    Peer peer = use(new Peer(world, listen(rig, server, LARGE_SEND_BUFFER), WINDOW));
    rig.until("its queue is full",
        () -> server.connections.size() == 1 && server.first().isOutboundFull());
    rig.run(server.first()::close);
    readFor(rig, peer, server, 8, SMALL_STEP);
    int unread = server.first().outboundBytes();
    int read = peer.received.size();
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.end).as("an end behind all bytes").isZero();
    assertThat(peer.received.size() - read).isGreaterThanOrEqualTo(unread);
  }

  /** Nothing waits in the connection's queue, but the memory may be its own still. */
  @Test
  void closeLosesNoByteOfASteadyReaderThatTheKernelHas() throws OsException {
    assumeTrue(SystemName.LINUX && world.hasThreads(), "only Linux tells what is acknowledged");
    int all = 160_000;
    Rig rig = rig(SLOW.withBufferBytes(16 << 10), () -> nanos);
    Scripted server = scripted();
    server.onOpen = connection -> {
      connection.sendCopy(new byte[all]);
      connection.close();
    };
    Peer peer = use(new Peer(world, listen(rig, server, LARGE_SEND_BUFFER), WINDOW));
    rig.until("the kernel has all", () -> server.connections.size() == 1
        && server.first().outboundBytes() == 0);
    for (int wanted = SMALL_STEP; wanted < all; wanted += SMALL_STEP) {
      int step = wanted;
      rig.until("the peer has read its next step", () -> {
        peer.receiveOnce();
        assertThat(peer.end).as("after " + peer.received.size() + " bytes").isPositive();
        return peer.received.size() >= step;
      });
      pass(rig, MILLIS / 2);
    }
    rig.until("the end has come", peer::hasEnded);
    assertThat(peer.end).isZero();
    assertThat(peer.received.size()).isEqualTo(all);
    assertThat(server.failures).isEmpty();
  }

  @Test
  void idleTimeLeavesAPeerAloneWhoseBytesWaitForABuffer() throws OsException {
    Rig rig = rig(SLOW.withPoolBytes(32 << 10).withIdleMillis(MILLIS), () -> nanos);
    Scripted server = scripted();
    List<Buffer> kept = new ArrayList<>();
    server.onOpen = connection -> {
      for (Buffer each = connection.acquireBuffer(); each != null; each =
          connection.acquireBuffer()) {
        kept.add(each);
      }
    };
    server.onData = (connection, buffer) -> kept.add(buffer.keep());
    Peer peer = peer(rig.listen(server));
    rig.until("the pool is used up", () -> {
      peer.send("x");
      return rig.count(Counter.NO_BUFFER) > 0;
    });
    rig.forAWhile();
    int heard = server.data.get();
    for (int i = 0; i < 5; i++) {
      peer.send("x");
      pass(rig, MILLIS / 2);
      assertThat(server.first().isOpen()).as("open after " + i + " halves of the idle time")
          .isTrue();
    }
    assertThat(server.data.get()).as("it could not be heard").isEqualTo(heard);
    server.onData = (connection, buffer) -> {};
    rig.run(() -> kept.forEach(Buffer::release));
    rig.until("it is heard", () -> server.data.get() > heard);
    rig.forAWhile();
    for (int i = 0; i < 8 && server.failures.isEmpty(); i++) {
      pass(rig, MILLIS / 2);
    }
    rig.until("its silence ends it", () -> server.closed.get() == 1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
  }

  private Scripted filling() {
    Scripted server = scripted();
    server.onOpen = WriteDeadlineContractTest::fillUp;
    server.onDrained = WriteDeadlineContractTest::fillUp;
    return server;
  }

  /** Accepted connections have the listener's send buffer. */
  private Address listen(Rig rig, Scripted server, int sendBuffer) {
    long listener = SocketPair.listen(world);
    assertThat(sockets.setOption(listener, SocketOption.SEND_BUFFER_BYTES, sendBuffer)).isZero();
    Address at = sockets.localAddress(listener);
    rig.run(() -> rig.manager().listen(listener, server));
    return at;
  }

  /** Reads a step in each half of a write time. */
  private void readFor(Rig rig, Peer peer, Scripted server, int halves, int step) {
    for (int i = 1; i <= halves; i++) {
      int wanted = i * step;
      rig.until("the peer has read its next step", () -> {
        assertThat(server.failures).as("after " + peer.received.size() + " bytes").isEmpty();
        if (peer.received.size() < wanted) {
          peer.receiveOnce();
        }
        return peer.received.size() >= wanted;
      });
      pass(rig, MILLIS / 2);
    }
    assertThat(server.failures).isEmpty();
    assertThat(server.closed.get()).isZero();
    assertThat(server.first().outboundBytes()).as("it was slow all the time").isPositive();
  }

  private void pass(Rig rig, int millis) {
    nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    rig.forAWhile();
  }

  private static void fillUp(Connection connection) {
    while (!connection.isOutboundFull()) {
      connection.sendCopy(new byte[16_000]);
    }
  }
}
