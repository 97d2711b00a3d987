package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.Errno;
import io.janus.ffi.linux.Rlimit;
import io.janus.ffi.linux.SysResource;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring's own table of sockets near its end, and the ways back to a descriptor of the process. */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = true)
class UringDirectTest extends UringTest {
  private static final int TABLE = 1_600;
  private static final int BACKLOG = 32;

  /** Connections that may wait at the listener: a full backlog would only slow the test down, by lost packets. */
  private final Semaphore room = new Semaphore(BACKLOG - 8);

  private final Queue<SocketChannel> clients = new ConcurrentLinkedQueue<>();

  @Override
  int tableSize() {
    return TABLE;
  }

  @Override
  Limits limits() {
    // The smallest completion queue, of 1,024: so much of the table is always kept free of repeated accepts.
    return Limits.defaults().withBacklog(BACKLOG).withBatchEvents(64);
  }

  /** One that is left open would show among the descriptors after the test. */
  @Test
  void lentDescriptorIsClosedAlsoIfTheCallThrows() throws Exception {
    UringParts parts = new UringParts(new UringSystem(), pool, limits(), counters, 1);
    long socket = listeningSocket(1);
    try {
      UringHandle handle = new UringHandle(0);
      handle.begin(parts.direct.install((int) socket), true);
      assertThatThrownBy(() -> new UringLoan(sockets, parts.direct).call(handle, lent -> {
        throw new IllegalStateException("of " + lent);
      })).isInstanceOf(IllegalStateException.class);
    } finally {
      sockets.closeSocket(socket);
      parts.close();
    }
  }

  @Test
  void fullTableLosesNoConnectionAndAcceptingGoesOnAfterCloses() throws Exception {
    acceptAll(TABLE + 200);
  }

  /** Sixteen connections come for each completion that is taken, so most wait in the queue when the table fills up. */
  @Test
  void tableIsNotOverrunByConnectionsThatNobodyHasHeardOfYet() throws Exception {
    long socket = listeningSocket(TABLE);
    batch = new Completions(1);
    greetAll(socket, port.adopt(socket), TABLE + 100, 16);
  }

  /** More wait at the listener than its limit says, as they do that come while the kernel accepts: one enter may take them all. */
  @Test
  void oneEnterDoesNotOverrunTheTableWhateverWaitsAtTheListener() throws Exception {
    pairs(TABLE - 600);
    long socket = listeningSocket(1024);
    greetAll(socket, port.adopt(socket), 800, 800);
  }

  /** Greets and closes what it accepts, until all clients were greeted; so many more connect before each completion is taken. */
  private void greetAll(long socket, long door, int count, int atOnce) throws Exception {
    InetSocketAddress there = addressOf(socket);
    for (int i = 0; i < atOnce; i++) {
      clients.add(SocketChannel.open(there));
    }
    boolean armed = port.accept(door, CompletionPort.REPEAT, 1) > 0;
    int greeted = 0;
    while (greeted < count) {
      for (int i = 0; i < atOnce && clients.size() < count; i++) {
        clients.add(SocketChannel.open(there));
      }
      if (!armed) {
        armed = port.accept(door, CompletionPort.REPEAT, 1) > 0;
      }
      Done done = next();
      if (done.operation() == Operation.SEND) {
        done.buffer().release();
        greeted++;
        port.close(done.handle(), 3);
      } else if (done.operation() == Operation.ACCEPT) {
        armed = done.more();
        assertThat(done.result()).isIn(0, ErrorCode.CANCELLED);
        if (done.result() == 0) {
          port.send(done.handle(), acquire().putByte((byte) 42), 2);
        }
      }
    }
    for (SocketChannel client : clients) {
      assertThat(read(client, 1)).as("greeting").containsExactly(42);
    }
  }

  /** Connects so many while accepting until the table is full, closing a quarter whenever it is; every client is greeted. */
  private void acceptAll(int count) throws Exception {
    long socket = listeningSocket(BACKLOG);
    InetSocketAddress there = addressOf(socket);
    long door = port.adopt(socket);
    List<Thread> connecting = List.of(connect(there, count / 2), connect(there, count / 2));
    List<Long> accepted = new ArrayList<>();
    boolean repeated = false;
    int singly = 0;
    int sent = 0;
    int closing = 0;
    boolean refused = false;
    boolean armed = false;
    while (sent < count) {
      if (!armed) {
        long operation = port.accept(door, CompletionPort.REPEAT, 1);
        armed = operation > 0;
        if (!armed && closing == 0) {
          refused = true;
          closing = TABLE / 4;
          assertThat(operation).isEqualTo(ErrorCode.TABLE_FULL);
          // No connection may be closed before its greeting has gone out, and the oldest have long been greeted.
          accepted.subList(0, TABLE / 4).forEach(handle -> port.close(handle, 3));
          accepted.subList(0, TABLE / 4).clear();
        }
      }
      Done done = next();
      if (done.operation() == Operation.ACCEPT) {
        armed = done.more();
        repeated |= done.more();
        if (done.result() == 0) {
          singly += done.more() ? 0 : 1;
          room.release();
          accepted.add(done.handle());
          assertThat(port.send(done.handle(), acquire().putByte((byte) 42), 2)).isPositive();
        } else {
          assertThat(done.result()).isIn(ErrorCode.CANCELLED, ErrorCode.TABLE_FULL);
        }
      } else if (done.operation() == Operation.SEND) {
        assertThat(done.result()).isEqualTo(1);
        sent++;
        done.buffer().release();
      } else {
        closing--;
      }
    }
    for (Thread thread : connecting) {
      thread.join();
    }
    for (SocketChannel client : clients) {
      assertThat(read(client, 1)).as("greeting").containsExactly(42);
    }
    assertThat(repeated).as("repeated while there was plenty").isTrue();
    assertThat(refused).as("refused while the table was full").isTrue();
    assertThat(singly).as("one by one near the end").isPositive();
  }

  private Thread connect(InetSocketAddress there, int count) {
    return Thread.ofPlatform().start(() -> {
      for (int i = 0; i < count; i++) {
        try {
          room.acquire();
          SocketChannel client = SocketChannel.open(there);
          clients.add(client);
        } catch (IOException | InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    });
  }

  @org.junit.jupiter.api.AfterEach
  void closeClients() throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  @Test
  void lentDescriptorMeansTheSameConnectionAndTheHandleGoesOn() throws Exception {
    Pair pair = pair();
    assertThat(port.socket(pair.handle())).isNegative();
    long lent = port.lend(pair.handle());
    assertThat(lent).isNotNegative();
    assertThat(addressOf(lent)).isEqualTo(at);
    InetSocketAddress far = (InetSocketAddress) pair.far().getLocalAddress();
    assertThat(sockets.peerAddress(lent).port()).isEqualTo(far.getPort());
    var buffer = acquire().putByte((byte) 1);
    assertThat(sockets.send(lent, buffer)).isEqualTo(1);
    sockets.closeSocket(lent);
    buffer.clear().putByte((byte) 2);
    assertThat(port.send(pair.handle(), buffer, 4)).isPositive();
    next(Operation.SEND, 4).buffer().release();
    assertThat(read(pair.far(), 2)).containsExactly(1, 2);
    close(pair.handle());
    assertThat(port.lend(pair.handle())).isNegative();
  }

  @Test
  void socketWithSomethingInFlightDoesNotMoveIntoTheTable() throws Exception {
    Address there = new Address.Ipv4(new byte[] {127, 0, 0, 1}, at.getPort());
    long handle = port.adopt(sockets.open(there));
    assertThat(port.receive(handle, 0, 1)).isPositive();
    assertThat(port.connect(handle, there, 2)).isEqualTo(ErrorCode.BUSY);
    assertThat(next(Operation.RECEIVE, 1).result()).isNegative();
    assertThat(port.connect(handle, there, 3)).isPositive();
    assertThat(next(Operation.CONNECT, 3).result()).isZero();
    close(handle);
  }

  @Test
  void shutdownAndResetWorkWhenTheProcessHasNoDescriptorLeft() throws Exception {
    Pair half = pair();
    Pair cut = pair();
    withoutDescriptors(() -> {
      assertThat(port.lend(half.handle())).isNegative();
      assertThat(port.shutdownOutput(half.handle(), 1)).isPositive();
      assertThat(next(Operation.SHUTDOWN, 1).result()).isZero();
      assertThat(half.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(port.close(cut.handle(), CompletionPort.RESET, 2)).isPositive();
      assertThat(next(Operation.CLOSE, 2).result()).isZero();
      return null;
    });
    assertThatThrownBy(() -> cut.far().read(ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }

  static void withoutDescriptors(java.util.concurrent.Callable<?> body) throws Exception {
    // Every class that the body needs is read before, for none can be read afterwards.
    assertThatThrownBy(() -> assertThat(1).isNegative()).isInstanceOf(AssertionError.class);
    Wait.until("true", () -> true);
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment limit = arena.allocate(Rlimit.BYTES, 8);
      SysResource.getrlimit(errno, Rlimit.NOFILE, limit);
      long soft = Rlimit.soft(limit);
      long hard = Rlimit.hard(limit);
      try {
        Rlimit.set(limit, 0, hard);
        assertThat(SysResource.setrlimit(errno, Rlimit.NOFILE, limit)).isZero();
        body.call();
      } finally {
        Rlimit.set(limit, soft, hard);
        SysResource.setrlimit(errno, Rlimit.NOFILE, limit);
      }
    }
  }
}
