package io.janus.bench;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kernel that costs nothing: every registered socket is always readable with one message, and every send succeeds. What
 * remains is the engine's own work per message.
 */
final class FakeKernel {
  private final int messageBytes;
  private final int accepts;
  private final List<Long> tokens = new ArrayList<>();
  private long listenerToken;
  private int accepted;
  private int next;

  FakeKernel(int connections, int messageBytes) {
    this.accepts = connections;
    this.messageBytes = messageBytes;
  }

  Poller poller() {
    return new FakePoller();
  }

  Sockets sockets() {
    return new FakeSockets();
  }

  private final class FakePoller implements Poller {
    @Override
    public long add(long socket, int interest, Trigger trigger, long token) {
      if (socket == 0) {
        listenerToken = token;
      } else {
        tokens.add(token);
      }
      return socket + 1;
    }

    @Override
    public int change(long registration, int interest) {
      return 0;
    }

    @Override
    public boolean remove(long registration) {
      return true;
    }

    @Override
    public int await(Ready out, long timeoutNanos) {
      out.clear();
      if (accepted < accepts) {
        out.put(listenerToken, Ready.READ);
        return 1;
      }
      for (int i = 0; i < out.capacity() && !tokens.isEmpty(); i++) {
        next = next + 1 < tokens.size() ? next + 1 : 0;
        out.put(tokens.get(next), Ready.READ);
      }
      return out.count();
    }

    @Override
    public void wake() {
      // It never sleeps.
    }

    @Override
    public int abilities() {
      return 0;
    }

    @Override
    public void close() {
      tokens.clear();
    }
  }

  private final class FakeSockets implements Sockets {
    @Override
    public long open(Address like) {
      return ErrorCode.NOT_SUPPORTED;
    }

    @Override
    public int setNonBlocking(long socket) {
      return 0;
    }

    @Override
    public int bind(long socket, Address address) {
      return 0;
    }

    @Override
    public int listen(long socket, int backlog) {
      return 0;
    }

    @Override
    public long accept(long listener) {
      return accepted < accepts ? ++accepted : ErrorCode.WOULD_BLOCK;
    }

    @Override
    public int connect(long socket, Address to) {
      return ErrorCode.NOT_SUPPORTED;
    }

    @Override
    public int disconnect(long socket) {
      return 0;
    }

    @Override
    public int connectResult(long socket) {
      return 0;
    }

    @Override
    public int receive(long socket, Buffer into) {
      Custody.received(into, messageBytes);
      return messageBytes;
    }

    @Override
    public int send(long socket, Buffer from) {
      int bytes = Custody.readable(from);
      Custody.sent(from, bytes);
      return bytes;
    }

    @Override
    public int sendAll(long socket, Buffer[] from, int count) {
      int bytes = 0;
      for (int i = 0; i < count; i++) {
        bytes += send(socket, from[i]);
      }
      return bytes;
    }

    @Override
    public int setOption(long socket, SocketOption option, int value) {
      return 0;
    }

    @Override
    public int getOption(long socket, SocketOption option) {
      return 0;
    }

    @Override
    public int setOption(long socket, int level, int name, Buffer value) {
      return 0;
    }

    @Override
    public int shutdownOutput(long socket) {
      return 0;
    }

    @Override
    public int closeSocket(long socket) {
      return 0;
    }

    @Override
    public @Nullable Address localAddress(long socket) {
      return null;
    }

    @Override
    public @Nullable Address peerAddress(long socket) {
      return null;
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
