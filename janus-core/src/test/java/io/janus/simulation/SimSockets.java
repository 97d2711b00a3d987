package io.janus.simulation;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import io.janus.socket.Sockets;
import org.jspecify.annotations.Nullable;

/** The synchronous verbs on the simulated network, with short counts and errors by seed. */
final class SimSockets implements Sockets {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private final SimNetwork network;
  private final SimMemory memory;
  private final Counters counters;

  SimSockets(SimNetwork network, Counters counters) {
    this.network = network;
    this.memory = new SimMemory(network.checks);
    this.counters = counters;
  }

  static Address addressOf(int port) {
    return new Address.Ipv4(LOOPBACK, port);
  }

  @Override
  public long open(Address like) {
    return network.describe(network.newSocket());
  }

  @Override
  public int setNonBlocking(long socket) {
    // All are from the start.
    return network.find(socket) == null ? SimErrors.BAD_DESCRIPTOR : 0;
  }

  @Override
  public int bind(long socket, Address address) {
    SimSocket found = network.find(socket);
    return found == null ? SimErrors.BAD_DESCRIPTOR : found.bind(address.port());
  }

  @Override
  public int listen(long socket, int backlog) {
    SimSocket found = network.find(socket);
    return found == null ? SimErrors.BAD_DESCRIPTOR : found.listen(backlog);
  }

  @Override
  public long accept(long listener) {
    SimSocket found = network.find(listener);
    counters.increment(Counter.ACCEPT_CALLS);
    if (found == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    return acceptFrom(network, found);
  }

  /** Takes a connection as accept(2) does: the descriptor first, so that being out of them loses no connection. */
  static long acceptFrom(SimNetwork network, SimSocket listener) {
    if (listener.state != SimSocket.State.LISTENING) {
      return ErrorCode.INVALID;
    }
    if (network.outOfDescriptors()) {
      return ErrorCode.OUT_OF_DESCRIPTORS;
    }
    if (listener.ready() != 0 && network.dice.perMille(network.faults.acceptErrors)) {
      int error =
          network.dice.oneOf(
              ErrorCode.CONNECTION_ABORTED,
              ErrorCode.OUT_OF_DESCRIPTORS,
              SimErrors.OUT_OF_MEMORY,
              ErrorCode.NO_BUFFER);
      SimSocket lost = error == ErrorCode.CONNECTION_ABORTED ? listener.nextAccepted() : null;
      if (lost != null) {
        lost.resetOnClose = true;
        lost.close();
      }
      return error;
    }
    SimSocket accepted = listener.nextAccepted();
    return accepted == null ? ErrorCode.WOULD_BLOCK : network.describe(accepted);
  }

  @Override
  public int connect(long socket, Address to) {
    SimSocket found = network.find(socket);
    return found == null ? SimErrors.BAD_DESCRIPTOR : found.connect(to.port());
  }

  @Override
  public int disconnect(long socket) {
    SimSocket found = network.find(socket);
    return found == null ? SimErrors.BAD_DESCRIPTOR : found.disconnect();
  }

  @Override
  public int connectResult(long socket) {
    SimSocket found = network.find(socket);
    return found == null ? SimErrors.BAD_DESCRIPTOR : found.takeError();
  }

  @Override
  public int receive(long socket, Buffer into) {
    int room = Custody.limit(into) - Custody.writeIndex(into);
    SimSocket found = network.find(socket);
    if (room == 0) {
      return ErrorCode.INVALID;
    }
    counters.increment(Counter.RECEIVE_CALLS);
    if (found == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    if (network.fails(network.faults.receiveErrors, found)) {
      return SimErrors.OUT_OF_MEMORY;
    }
    int result = found.receive(memory.scratch(room), room);
    if (result > 0) {
      memory.write(into, result);
      Custody.received(into, result);
    } else if (result == ErrorCode.WOULD_BLOCK) {
      counters.increment(Counter.WOULD_BLOCKS);
    }
    return result;
  }

  @Override
  public int send(long socket, Buffer from) {
    return sendAll(socket, new Buffer[] {from}, 1);
  }

  @Override
  public int sendAll(long socket, Buffer[] from, int count) {
    SimSocket found = network.find(socket);
    counters.increment(Counter.SEND_CALLS);
    if (found == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    if (network.fails(network.faults.sendErrors, found)) {
      return network.dice.oneOf(SimErrors.OUT_OF_MEMORY, ErrorCode.NO_BUFFER);
    }
    int total = memory.gather(from, count, 0);
    int result = found.send(memory.scratch(total), 0, total);
    Custody.sent(from, count, result);
    if (result == ErrorCode.WOULD_BLOCK) {
      counters.increment(Counter.WOULD_BLOCKS);
    }
    return result;
  }

  @Override
  public int setOption(long socket, SocketOption option, int value) {
    SimSocket found = network.find(socket);
    if (found == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    if (option == SocketOption.RESET_ON_CLOSE) {
      found.resetOnClose = true;
    } else {
      found.options.put(option, value);
    }
    return 0;
  }

  @Override
  public int getOption(long socket, SocketOption option) {
    SimSocket found = network.find(socket);
    return found == null ? SimErrors.BAD_DESCRIPTOR : found.options.getOrDefault(option, 0);
  }

  @Override
  public int setOption(long socket, int level, int name, Buffer value) {
    SimSocket found = network.find(socket);
    return found == null
        ? SimErrors.BAD_DESCRIPTOR
        : found.setOption(SimSocket.optionKey(level, name), value);
  }

  @Override
  public int shutdownOutput(long socket) {
    SimSocket found = network.find(socket);
    return found == null ? SimErrors.BAD_DESCRIPTOR : found.shutdownOutput();
  }

  @Override
  public int closeSocket(long socket) {
    return network.closeDescriptor(socket);
  }

  @Override
  public @Nullable Address localAddress(long socket) {
    SimSocket found = network.find(socket);
    return found == null ? null : addressOf(found.localPort);
  }

  @Override
  public @Nullable Address peerAddress(long socket) {
    SimSocket found = network.find(socket);
    boolean connected =
        found != null && found.state == SimSocket.State.CONNECTED && !found.broken;
    return connected ? addressOf(found.remotePort) : null;
  }

  @Override
  public void close() {
    // No scratch memory of the system to free.
  }
}
