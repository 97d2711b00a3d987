package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.ffi.ErrorCode;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;

/** Two connected sockets of the process, driven by the synchronous verbs. */
final class SocketPair implements AutoCloseable {
  private static final long CLOSED = -1;

  private final World world;
  private final Sockets sockets;
  private final BufferPool pool = new BufferPool(1 << 16, BufferPool.bytesOf(1 << 16, 16));

  /** The connecting side. */
  long near;

  /** The accepted side. */
  long far;

  SocketPair(World world) {
    this.world = world;
    this.sockets = world.sockets();
    long listener = listen(world);
    Address at = sockets.localAddress(listener);
    near = sockets.open(at);
    assertThat(sockets.connect(near, at)).isIn(0, ErrorCode.IN_PROGRESS);
    far = ErrorCode.WOULD_BLOCK;
    Wait.until("the connection is accepted", () -> (far = sockets.accept(listener)) >= 0,
        world::letTimePass);
    sockets.closeSocket(listener);
  }

  /** A listening socket on an address of the system's choice. */
  static long listen(World world) {
    Sockets sockets = world.sockets();
    long listener = sockets.open(world.anyAddress());
    assertThat(sockets.bind(listener, world.anyAddress())).isZero();
    assertThat(sockets.listen(listener, 512)).isZero();
    return listener;
  }

  /** Sends all bytes, waiting for room. */
  void send(long socket, byte[] bytes) {
    Buffer buffer = pool.acquire();
    for (int at = 0; at < bytes.length;) {
      at += refill(buffer, bytes, at);
      Wait.until("bytes are sent", () -> {
        int result = sockets.send(socket, buffer);
        assertThat(result).satisfiesAnyOf(
            sent -> assertThat(sent).isNotNegative(),
            sent -> assertThat(sent).isEqualTo(ErrorCode.WOULD_BLOCK));
        return buffer.readable() == 0;
      }, world::letTimePass);
    }
    buffer.release();
  }

  void send(long socket, String text) {
    send(socket, Bytes.of(text));
  }

  /** Fills the kernel's buffers until it takes no more for a while, and returns how many bytes went in. */
  int fill(long socket) {
    Buffer buffer = pool.acquire();
    int[] total = new int[1];
    int[] quiet = new int[1];
    Wait.until("the kernel takes no more", () -> {
      int result = sockets.send(socket, buffer.clear().copyIn(new byte[buffer.capacity()]));
      total[0] += Math.max(0, result);
      quiet[0] = result == ErrorCode.WOULD_BLOCK ? quiet[0] + 1 : 0;
      world.letTimePass();
      return quiet[0] == 10;
    });
    buffer.release();
    return total[0];
  }

  /** What can be received now, as much as fits one buffer: bytes, 0 or an error, and the bytes appended to the sink. */
  int receive(long socket, Bytes sink) {
    return receive(socket, sink, Integer.MAX_VALUE);
  }

  private int receive(long socket, Bytes sink, int most) {
    Buffer buffer = pool.acquire();
    buffer.limit(Math.min(most, buffer.capacity()));
    int result = sockets.receive(socket, buffer);
    if (result > 0) {
      sink.append(buffer.copyOut());
    }
    buffer.release();
    return result;
  }

  /** Receives exactly so many bytes, waiting for them; more may be there already and stay. */
  byte[] receive(long socket, int bytes) {
    Bytes sink = new Bytes();
    Wait.until(bytes + " bytes have come", () -> {
      int result = receive(socket, sink, bytes - sink.size());
      assertThat(result).as("receive after %d bytes", sink.size())
          .satisfiesAnyOf(
              got -> assertThat(got).isPositive(),
              got -> assertThat(got).isEqualTo(ErrorCode.WOULD_BLOCK));
      return sink.size() >= bytes;
    }, world::letTimePass);
    return sink.toArray();
  }

  /** Waits for the end or error of what is received on the socket. */
  int receiveEnd(long socket, Bytes sink) {
    int[] last = new int[1];
    Wait.until("the end has come", () -> {
      last[0] = receive(socket, sink);
      return last[0] <= 0 && last[0] != ErrorCode.WOULD_BLOCK;
    }, world::letTimePass);
    return last[0];
  }

  void closeNear() {
    sockets.closeSocket(near);
    near = CLOSED;
  }

  void closeFar() {
    sockets.closeSocket(far);
    far = CLOSED;
  }

  /** Ends the far side by a reset. */
  void resetFar() {
    sockets.setOption(far, SocketOption.RESET_ON_CLOSE, 1);
    closeFar();
  }

  /** The near socket has gone into another's care, such as a port's. */
  long giveNear() {
    long given = near;
    near = CLOSED;
    return given;
  }

  private static int refill(Buffer buffer, byte[] bytes, int at) {
    int part = Math.min(buffer.capacity(), bytes.length - at);
    buffer.clear().copyIn(bytes, at, part);
    return part;
  }

  @Override
  public void close() {
    if (near != CLOSED) {
      closeNear();
    }
    if (far != CLOSED) {
      closeFar();
    }
    pool.close();
  }
}
