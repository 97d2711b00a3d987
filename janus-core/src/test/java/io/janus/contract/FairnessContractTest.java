package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.SystemLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** How much of a turn one connection gets, counted: what it has sent beyond its share waits for the next turn. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("io.janus.contract.Worlds#managers")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FairnessContractTest extends ManagerTest {
  private static final int BUFFER = 256;

  /** What a ring may fill at once where the kernel knows no bound of a repeated receive. */
  private static final int RING_BUFFERS = 32;

  /** Receives that a ring takes in one enter, the fewest of all engines. */
  private static final int LEAST_BATCH = 20;

  private static final int DESCRIPTORS_BESIDE = 500;

  /** Where the system tells no limit, as on Windows. */
  private static final int QUIET_WITHOUT_LIMIT = 1_000;

  @Test
  void oneTurnReadsNoMoreOftenThanTheLimit() throws OsException {
    assertThat(mostOfATurn(LIMITS.withReadsPerTurn(2))).isLessThanOrEqualTo(share(2));
  }

  @Test
  void oneTurnReadsNoMoreBytesThanTheLimitAndOneBuffer() throws OsException {
    assertThat(mostOfATurn(LIMITS.withReadsPerTurn(1_000).withReadBytesPerTurn(2 * BUFFER - 1)))
        .isLessThanOrEqualTo(share(2));
  }

  /** Reads many times the share of one connection, and tells the most bytes that one turn has read. */
  private long mostOfATurn(Limits limits) throws OsException {
    assumeTrue(drive == Drive.BY_TURNS, "turns are counted");
    Rig rig = rig(limits.withBufferBytes(BUFFER));
    Scripted server = scripted();
    Peer loud = peer(rig.listen(server));
    rig.until("it is open", () -> server.connections.size() == 1);
    int sent = loud.send(new byte[1 << 16], 0);
    assertThat(sent).as("bytes that wait").isGreaterThan(2 * RING_BUFFERS * BUFFER);
    long[] most = new long[1];
    Wait.until("all has come", () -> server.received.size() == sent, () -> {
      long before = rig.count(Counter.BYTES_RECEIVED);
      rig.loop.turn();
      most[0] = Math.max(most[0], rig.count(Counter.BYTES_RECEIVED) - before);
    });
    assertThat(most[0]).isPositive();
    return most[0];
  }

  private long share(int buffers) {
    return (long) BUFFER * (world.name().startsWith("URING") ? RING_BUFFERS : buffers);
  }

  @Test
  void busyConnectionDoesNotStarveThousandsOfOthers() throws OsException {
    assumeTrue(world.hasThreads() && drive == Drive.BY_TURNS, "turns of a real kernel are counted");
    long descriptors = SystemLimits.read().descriptors();
    int quiet = descriptors < 0 ? QUIET_WITHOUT_LIMIT
        : (int) Math.min(10_000, (descriptors - DESCRIPTORS_BESIDE) / 2);
    Rig rig = rig();
    Crowd crowd = new Crowd();
    Address at = rig.listen(crowd);
    Peer loud = peer(at);
    List<Long> others = connect(rig, at, quiet, crowd);
    byte[] noise = new byte[1 << 16];
    long most = 0;
    int turns = 0;
    // The busy one is ready before all others.
    loud.send(noise, 0);
    sayOneByte(others);
    while (crowd.heard < quiet) {
      for (int i = 0; i < 4; i++) {
        loud.send(noise, 0);
      }
      long before = crowd.noise;
      rig.loop.turn();
      most = Math.max(most, crowd.noise - before);
      assertThat(++turns).as("turns until all %d are heard", quiet)
          .isLessThanOrEqualTo(2 * quiet / LEAST_BATCH + LEAST_BATCH);
    }
    assertThat(crowd.noise).as("bytes of the busy one, which is served as well").isPositive();
    int buffers = world.name().startsWith("URING") ? RING_BUFFERS : LIMITS.readsPerTurn();
    assertThat(most).as("bytes of the busy one in a turn")
        .isLessThanOrEqualTo((long) buffers * LIMITS.bufferBytes());
  }

  private List<Long> connect(Rig rig, Address at, int count, Crowd crowd) {
    List<Long> opened = new ArrayList<>();
    use(() -> opened.forEach(sockets::closeSocket));
    while (opened.size() < count) {
      long socket = sockets.open(at);
      assertThat(socket).isNotNegative();
      assertThat(sockets.connect(socket, at)).isIn(0, ErrorCode.IN_PROGRESS);
      opened.add(socket);
      if (opened.size() % 128 == 0 || opened.size() == count) {
        rig.until("they are open", () -> crowd.opened == opened.size() + 1);
      }
    }
    return opened;
  }

  private void sayOneByte(List<Long> all) {
    BufferPool pool = use(new BufferPool(64, BufferPool.bytesOf(64, 2)));
    Buffer byteBuffer = pool.acquire();
    for (long socket : all) {
      byteBuffer.clear().copyIn(new byte[1]);
      assertThat(sockets.send(socket, byteBuffer)).isEqualTo(1);
    }
    byteBuffer.release();
  }

  /** Counts who is there and who was heard; for one thread. */
  private static final class Crowd implements Handler {
    int opened;
    int heard;
    long noise;

    @Override
    public void onOpen(Connection connection) {
      opened++;
    }

    @Override
    public void onData(Connection connection, Buffer buffer) {
      if (buffer.readable() == 1) {
        heard++;
      } else {
        noise += buffer.readable();
      }
    }
  }
}
