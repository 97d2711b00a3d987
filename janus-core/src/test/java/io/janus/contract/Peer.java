package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.SystemVersion;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;

/** The other end of a connection under test: a plain socket that does only what the test tells it. */
final class Peer implements AutoCloseable {
  private static final long CLOSED = -1;
  private static final int MOST_BUFFERS = 256;

  private final World world;
  private final Sockets sockets;
  private final BufferPool pool = new BufferPool(1 << 16, 1 << 17);
  private long socket;
  private boolean outputShut;

  /** What has come so far. */
  final Bytes received = new Bytes();

  /** The result that ended receiving: 0 for the end, below zero for an error; above zero while it goes on. */
  int end = 1;

  /** Connects; the system completes it by itself. */
  Peer(World world, Address to) {
    this(world, to, 0);
  }

  /** Connects with a small window, so that the other side soon finds no room. */
  Peer(World world, Address to, int receiveBufferBytes) {
    this.world = world;
    sockets = world.sockets();
    socket = sockets.open(to);
    if (receiveBufferBytes > 0) {
      sockets.setOption(socket, SocketOption.RECEIVE_BUFFER_BYTES, receiveBufferBytes);
    }
    sockets.setOption(socket, SocketOption.NO_DELAY, 1);
    sockets.connect(socket, to);
  }

  Address address() {
    return sockets.localAddress(socket);
  }

  /** Sends as much of the array from the index on as there is room for, and returns how much that was. */
  int send(byte[] bytes, int from) {
    Buffer buffer = pool.acquire();
    buffer.copyIn(bytes, from, Math.min(buffer.capacity(), bytes.length - from));
    int result = sockets.send(socket, buffer);
    buffer.release();
    if (result < 0 && result != ErrorCode.WOULD_BLOCK) {
      throw new AssertionError("the peer cannot send: " + result);
    }
    return Math.max(0, result);
  }

  void send(String text) {
    byte[] bytes = Bytes.of(text);
    int[] sent = new int[1];
    Wait.until("the peer has sent", () -> {
      sent[0] += send(bytes, sent[0]);
      return sent[0] == bytes.length;
    });
  }

  /** Sends once; that the connection has been cut meanwhile is no failure of the test. */
  void sendUnlessCut(String text) {
    try {
      send(Bytes.of(text), 0);
    } catch (AssertionError cut) {
      end = ErrorCode.CONNECTION_RESET;
    }
  }

  /** Receives all that is there now, within a bound: the other side may send as fast as this one receives. */
  Peer receive() {
    for (int i = 0; i < MOST_BUFFERS && end > 0 && receiveOnce() > 0; i++) {
      // Goes on until nothing is there.
    }
    return this;
  }

  /** Receives at most one buffer of what is there now. */
  int receiveOnce() {
    Buffer buffer = pool.acquire();
    int result = sockets.receive(socket, buffer);
    if (result > 0) {
      received.append(buffer.copyOut());
    } else if (result != ErrorCode.WOULD_BLOCK) {
      end = result;
    }
    buffer.release();
    return result;
  }

  boolean hasEnded() {
    return receive().end <= 0;
  }

  /** The end was a reset. About once in a hundred times Wine tells a plain socket an end instead; Windows tells the reset. */
  void assertWasReset() {
    assumeFalse(end == 0 && !SystemVersion.read().wine().isEmpty(), "Wine told a reset as an end");
    assertThat(end).isEqualTo(ErrorCode.CONNECTION_RESET);
  }

  boolean hasReceived(String text) {
    return receive().received.toString().equals(text);
  }

  boolean hasReceived(int bytes) {
    return receive().received.size() >= bytes;
  }

  /** Ends its output, as soon as it is connected: on Windows the system says so a little later than it accepts. */
  void shutdownOutput() {
    if (!outputShut) {
      Wait.until("the peer has ended its output", () -> sockets.shutdownOutput(socket) == 0,
          world::letTimePass);
      outputShut = true;
    }
  }

  void reset() {
    sockets.setOption(socket, SocketOption.RESET_ON_CLOSE, 1);
    sockets.closeSocket(socket);
    socket = CLOSED;
  }

  @Override
  public void close() {
    if (socket != CLOSED) {
      sockets.closeSocket(socket);
      socket = CLOSED;
    }
    pool.close();
  }
}
