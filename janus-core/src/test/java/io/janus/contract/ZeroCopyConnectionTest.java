package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.connection.Connection;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Connections whose sends are not copied into the kernel, beside all that every connection promises: the next send does not wait until the
 * kernel has let the last one go, its memory is bounded, and however the connection ends every buffer comes back.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "sends without a copy are a part of io_uring")
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#zeroCopyManagers")
class ZeroCopyConnectionTest extends ManagerTest {
  private static final int BUFFER = 1024;
  private static final int OUTBOUND = 4 * BUFFER;

  /** What one connection may have pinned, and one gathered send above it. */
  private static final int MOST_PINNED = 8 * OUTBOUND + 16 * BUFFER;

  /** A pool that a connection which lost a buffer for each send would soon have used up. */
  private static final Limits SMALL =
      LIMITS.withBufferBytes(BUFFER)
          .withOutboundBytes(OUTBOUND)
          .withPoolBytes(BufferPool.bytesOf(BUFFER, 256));

  /** Sends all bytes in pieces of all sizes, as fast as the queue takes them, and then does what the test says. */
  private static final class Flood {
    private final byte[] all;
    private final Runnable then;
    private int at;
    private boolean done;

    Flood(byte[] all, Runnable then) {
      this.all = all;
      this.then = then;
    }

    void goOn(Connection connection) {
      while (at < all.length) {
        Buffer buffer = connection.acquireBuffer();
        if (buffer == null) {
          connection.execute(() -> goOn(connection));
          return;
        }
        int part = Math.min(1 + at * 7 % BUFFER, all.length - at);
        if (!connection.send(buffer.copyIn(all, at, part))) {
          buffer.release();
          return;
        }
        at += part;
      }
      if (!done) {
        done = true;
        then.run();
      }
    }
  }

  /** A server that floods its first connection, in a loop of little memory. */
  private Scripted flooding(byte[] all, Runnable then) {
    Scripted server = scripted();
    Flood flood = new Flood(all, then);
    server.onOpen = flood::goOn;
    server.onDrained = flood::goOn;
    return server;
  }

  @Test
  void allBytesComeInOrderAndThenTheEnd() throws OsException {
    Rig rig = rig(SMALL);
    byte[] all = Bytes.pattern(600_000, 7);
    Scripted server = scripted();
    Flood flood = new Flood(all, () -> server.first().shutdownOutput());
    server.onOpen = flood::goOn;
    server.onDrained = flood::goOn;
    Peer peer = peer(rig.listen(server));
    rig.until("all has come, and the end", peer::hasEnded);
    assertThat(peer.end).isZero();
    assertThat(peer.received.toArray()).isEqualTo(all);
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).isEmpty();
  }

  @Test
  void echoedBytesComeBackInOrder() throws OsException {
    Rig rig = rig(SMALL);
    byte[] all = Bytes.pattern(300_000, 3);
    Peer peer = peer(rig.listen(echo()));
    int[] sent = new int[1];
    rig.until("all has come back", () -> {
      sent[0] += sent[0] < all.length ? peer.send(all, sent[0]) : 0;
      return peer.hasReceived(all.length);
    });
    assertThat(peer.received.toArray()).isEqualTo(all);
  }

  @Test
  void peerThatDoesNotReadPinsABoundedPartOfThePool() throws OsException {
    Rig rig = rig(SMALL);
    Scripted server = flooding(new byte[10_000_000], () -> {});
    Peer stuck = slowPeer(rig.listen(server));
    rig.until("the queue is full",
        () -> server.connections.size() == 1 && server.first().isOutboundFull());
    rig.forAWhile();
    int[] free = new int[1];
    rig.run(() -> {
      List<Buffer> all = new ArrayList<>();
      for (Buffer each = server.first().acquireBuffer(); each != null; each =
          server.first().acquireBuffer()) {
        all.add(each);
      }
      free[0] = all.size();
      all.forEach(Buffer::release);
    });
    // What is queued comes in pieces of a buffer each and less, beside the ring's own for receives.
    assertThat((256 - free[0]) * BUFFER).as("bytes of the pool in use")
        .isLessThanOrEqualTo(MOST_PINNED + 16 * OUTBOUND + 64 * BUFFER);
    long before = rig.count(Counter.BYTES_SENT);
    rig.until("it goes on when the peer reads", () -> {
      stuck.receive();
      return rig.count(Counter.BYTES_SENT) > before + 2L * OUTBOUND;
    });
    rig.run(server.first()::abort);
    rig.until("it is closed", () -> server.closed.get() == 1);
  }

  @Test
  void resetByThePeerEndsAConnectionWithPinnedSends() throws OsException {
    Rig rig = rig(SMALL);
    Scripted server = flooding(new byte[10_000_000], () -> {});
    Peer peer = slowPeer(rig.listen(server));
    rig.until("the queue is full",
        () -> server.connections.size() == 1 && server.first().isOutboundFull());
    // A full queue pauses the reading, by which a reset would be told.
    rig.run(() -> server.first().pauseReadingWhenOutboundIsFull(false));
    peer.reset();
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).hasSize(1);
  }

  @Test
  void abortEndsAConnectionWhosePeerNeverReads() throws OsException {
    Rig rig = rig(SMALL);
    Scripted server = flooding(new byte[10_000_000], () -> {});
    Peer peer = slowPeer(rig.listen(server));
    rig.until("the queue is full",
        () -> server.connections.size() == 1 && server.first().isOutboundFull());
    rig.run(server.first()::abort);
    rig.until("it is closed", () -> server.closed.get() == 1);
    rig.until("the peer sees it", peer::hasEnded);
  }

  @Test
  void endInOrderOfBothSidesLosesNoPinnedByte() throws OsException {
    Rig rig = rig(SMALL);
    byte[] all = Bytes.pattern(10_000, 9);
    Scripted server = scripted();
    Flood flood = new Flood(all, () -> server.first().close());
    server.onPeerClosed = flood::goOn;
    server.onDrained = flood::goOn;
    Peer peer = slowPeer(rig.listen(server));
    peer.shutdownOutput();
    rig.until("it was told", () -> server.peerEnds.get() == 1);
    rig.forAWhile();
    rig.until("all has come, and the end", peer::hasEnded);
    assertThat(peer.end).isZero();
    assertThat(peer.received.toArray()).isEqualTo(all);
    rig.until("it is closed", () -> server.closed.get() == 1);
    assertThat(server.failures).isEmpty();
  }

  @Test
  void pinnedBytesThatNobodyTakesAreCutAtTheLingerDeadline() throws OsException {
    Rig rig = rig(SMALL.withLingerMillis(100).withWriteMillis(100));
    Scripted server = scripted();
    server.onOpen = connection -> {
      for (int i = 0; i < 30 && !connection.isOutboundFull(); i++) {
        connection.sendCopy(new byte[BUFFER]);
      }
      connection.close();
    };
    server.onDrained = connection -> {};
    Peer peer = slowPeer(rig.listen(server));
    peer.shutdownOutput();
    rig.until("it is closed", () -> server.closed.get() == 1);
    rig.until("the peer sees it", peer::hasEnded);
  }

  @Test
  void drainAwaitsPinnedBytesOfAPeerThatReads() throws OsException {
    Rig rig = rig(SMALL);
    byte[] all = Bytes.pattern(20_000, 4);
    Scripted server = flooding(all, () -> {});
    Peer peer = slowPeer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    List<Integer> cuts = drain(rig, 15_000);
    rig.until("all has come, and the end", peer::hasEnded);
    peer.shutdownOutput();
    rig.until("it was drained", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(0);
    assertThat(peer.received.toArray()).isEqualTo(all);
    assertThat(server.failures).isEmpty();
  }

  @Test
  void drainCutsAConnectionThatHasPinnedBytesAtItsEnd() throws OsException {
    Rig rig = rig(SMALL);
    Scripted server = flooding(new byte[10_000_000], () -> {});
    Peer peer = slowPeer(rig.listen(server));
    rig.until("the queue is full",
        () -> server.connections.size() == 1 && server.first().isOutboundFull());
    List<Integer> cuts = drain(rig, 60);
    rig.until("it was cut", () -> !cuts.isEmpty());
    assertThat(cuts).containsExactly(1);
    assertThat(server.failures).singleElement()
        .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.TIMED_OUT));
    rig.until("the peer sees it", peer::hasEnded);
  }

  /** Starts a drain; the list gets what it tells in the end. */
  private static List<Integer> drain(Rig rig, int millis) {
    List<Integer> cuts = new CopyOnWriteArrayList<>();
    rig.run(() -> rig.manager().drain(TimeUnit.MILLISECONDS.toNanos(millis), cuts::add));
    return cuts;
  }
}
