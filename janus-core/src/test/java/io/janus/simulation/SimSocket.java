package io.janus.simulation;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.contract.OptionNumbers;
import io.janus.ffi.ErrorCode;
import io.janus.readiness.Ready;
import io.janus.socket.SocketOption;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One end of a simulated TCP connection, or a listener: bounded buffers, FIN in order, RST out of order, as on Linux. */
final class SimSocket {
  private static final int CONNECT_TRIES = 8;

  enum State {
    FRESH, LISTENING, CONNECTING, CONNECTED
  }

  final SimNetwork network;
  final int serial;
  final ByteQueue in;
  final ByteQueue out;
  State state = State.FRESH;
  int descriptor = -1;
  int localPort;
  int remotePort;
  boolean resetOnClose;

  final Map<SocketOption, Integer> options = new EnumMap<>(SocketOption.class);

  /** Registrations of pollers; a close while one is live is a defect of the engine. */
  int watchers;

  /** Counts of changes for edge-triggered pollers. */
  int readEdges;
  int writeEdges;

  /** Descriptors, and places in the tables of rings, that mean this socket; it is closed with the last of them. */
  private int holders;

  /** Bytes that this end has sent and has received, ever; for a kernel that sends from the program's own memory. */
  private long bytesSent;

  private long bytesReceived;

  boolean outputShut;
  boolean finArrived;
  boolean broken;
  boolean closed;

  /** A raw peer's own hook: called after anything changed at this end. */
  @Nullable Runnable onChange;

  private final ArrayDeque<SimSocket> backlog = new ArrayDeque<>();
  private int backlogLimit;
  private @Nullable SimSocket peer;
  private int error;
  private boolean delivering;
  private boolean finDelivered;

  SimSocket(SimNetwork network, int serial, int bufferBytes) {
    this.network = network;
    this.serial = serial;
    this.in = new ByteQueue(bufferBytes);
    this.out = new ByteQueue(bufferBytes);
  }

  void held() {
    holders++;
  }

  /** True if nobody holds it any more. */
  boolean letGo() {
    return --holders == 0;
  }

  // ---- making connections

  int bind(int port) {
    localPort = port == 0 ? network.newPort() : port;
    return 0;
  }

  int listen(int limit) {
    if (localPort == 0) {
      localPort = network.newPort();
    }
    if (!network.claim(localPort, this)) {
      return SimErrors.ADDRESS_IN_USE;
    }
    state = State.LISTENING;
    backlogLimit = limit;
    return 0;
  }

  int connect(int port) {
    if (state != State.FRESH) {
      return state == State.CONNECTED ? ErrorCode.ALREADY_CONNECTED : ErrorCode.INVALID;
    }
    if (localPort == 0) {
      localPort = network.newPort();
    }
    remotePort = port;
    state = State.CONNECTING;
    network.after(network.delay(), () -> arriveAtListener(CONNECT_TRIES));
    return state == State.CONNECTED ? 0 : error != 0 ? takeError() : ErrorCode.IN_PROGRESS;
  }

  private void arriveAtListener(int tries) {
    if (closed) {
      return;
    }
    SimSocket listener = network.listenerAt(remotePort);
    if (listener == null) {
      connectEnds(SimErrors.REFUSED);
    } else if (listener.backlog.size() >= listener.backlogLimit) {
      if (tries == 0) {
        connectEnds(ErrorCode.TIMED_OUT);
      } else {
        network.after(
            (long) (CONNECT_TRIES + 1 - tries) * 20 * SimNetwork.MILLI,
            () -> arriveAtListener(tries - 1));
      }
    } else {
      SimSocket accepted = network.newSocket();
      accepted.state = State.CONNECTED;
      accepted.localPort = remotePort;
      accepted.remotePort = localPort;
      accepted.peer = this;
      peer = accepted;
      listener.backlog.add(accepted);
      state = State.CONNECTED;
      network.trace.add(network.now(), "connected, sockets", serial, accepted.serial);
      listener.changed(true, false);
      changed(false, true);
    }
  }

  private void connectEnds(int why) {
    state = State.FRESH;
    broken = true;
    error = why;
    network.trace.add(network.now(), "connect failed, socket", serial, why);
    changed(true, true);
  }

  /** The next connection of a listener, or null. */
  @Nullable
  SimSocket nextAccepted() {
    SimSocket accepted = backlog.poll();
    if (accepted != null) {
      network.progress++;
    }
    return accepted;
  }

  /** How a started connect ended; reading the error clears it. */
  int takeError() {
    int taken = error;
    error = 0;
    return taken;
  }

  // ---- options

  static long optionKey(int level, int name) {
    return (long) level << 32 | name;
  }

  /** Sets an option by the system's numbers; the simulated kernel knows SO_KEEPALIVE. */
  int setOption(long key, @Nullable Buffer value) {
    if (key != optionKey(OptionNumbers.SOL_SOCKET, OptionNumbers.SO_KEEPALIVE)
        || value == null) {
      return SimErrors.NO_SUCH_OPTION;
    }
    int number =
        Custody.memory(value).get(ValueLayout.JAVA_INT_UNALIGNED, Custody.readIndex(value));
    options.put(SocketOption.KEEP_ALIVE, number);
    return 0;
  }

  // ---- bytes

  int send(byte[] from, int at, int count) {
    if (state == State.CONNECTING) {
      return ErrorCode.WOULD_BLOCK;
    }
    if (error != 0) {
      return takeError();
    }
    if (outputShut || broken) {
      return SimErrors.BROKEN_PIPE;
    }
    if (state != State.CONNECTED) {
      return SimErrors.NOT_CONNECTED;
    }
    int taken = Math.min(count, out.room());
    if (taken == 0) {
      return count == 0 ? 0 : ErrorCode.WOULD_BLOCK;
    }
    taken = maybeShort(taken);
    out.put(from, at, taken);
    bytesSent += taken;
    network.progress++;
    network.trace.add(network.now(), "send, socket, bytes", serial, taken);
    deliverLater();
    return taken;
  }

  int receive(byte[] to, int room) {
    if (state == State.CONNECTING) {
      return ErrorCode.WOULD_BLOCK;
    }
    if (in.size() > 0) {
      int taken = maybeShort(Math.min(room, in.size()));
      in.take(to, 0, taken);
      bytesReceived += taken;
      network.progress++;
      network.trace.add(network.now(), "receive, socket, bytes", serial, taken);
      if (peer != null) {
        peer.deliverLater();
      }
      return taken;
    }
    if (error != 0) {
      return takeError();
    }
    if (state != State.CONNECTED && !broken) {
      return SimErrors.NOT_CONNECTED;
    }
    return broken || finArrived ? 0 : ErrorCode.WOULD_BLOCK;
  }

  /** Bytes that this end has sent, ever. */
  long bytesSent() {
    return bytesSent;
  }

  /** True if what was sent up to here needs no memory of the sender any more. */
  boolean isReadByPeer(long upTo) {
    SimSocket to = peer;
    return broken || to == null || to.broken || to.bytesReceived >= upTo;
  }

  int shutdownOutput() {
    if (state != State.CONNECTED || broken) {
      return SimErrors.NOT_CONNECTED;
    }
    outputShut = true;
    deliverLater();
    return 0;
  }

  private int maybeShort(int count) {
    return count > 1 && network.dice.perMille(network.faults.shortCounts)
        ? network.dice.between(1, count)
        : count;
  }

  private void deliverLater() {
    boolean finWaits = outputShut && !finDelivered && out.size() == 0;
    if (!delivering && !broken && peer != null && (out.size() > 0 || finWaits)) {
      delivering = true;
      network.after(network.delay(), this::deliver);
    }
  }

  private void deliver() {
    delivering = false;
    SimSocket to = peer;
    if (broken || to == null) {
      return;
    }
    if (out.size() > 0) {
      if (to.closed) {
        // The other system has no such connection any more and says so.
        network.after(network.delay(), () -> arriveReset(ErrorCode.CONNECTION_RESET));
        out.clear();
        return;
      }
      int count = Math.min(out.size(), to.in.room());
      if (count > 0) {
        out.moveTo(to.in, maybeShort(count));
        to.changed(true, false);
        changed(false, true);
      }
      if (to.in.room() > 0 || out.size() == 0) {
        deliverLater();
      }
    } else if (outputShut && !finDelivered) {
      finDelivered = true;
      to.finArrived = true;
      to.changed(true, false);
    }
  }

  // ---- ends

  /** The owner lets go. Unread input or the reset option make it a reset; else what was sent still goes out, then FIN. */
  void close() {
    closed = true;
    onChange = null;
    if (state == State.LISTENING) {
      network.giveUp(localPort, this);
      for (SimSocket waiting : backlog) {
        waiting.resetOnClose = true;
        waiting.close();
      }
      backlog.clear();
    } else if (state == State.CONNECTED && !broken) {
      if (resetOnClose || in.size() > 0) {
        reset();
      } else {
        outputShut = true;
        deliverLater();
      }
    }
  }

  /** Sends RST at once and forgets what was not sent yet. */
  void reset() {
    SimSocket to = peer;
    broken = true;
    out.clear();
    network.trace.add(network.now(), "reset by socket", serial, 0);
    if (to != null) {
      network.after(network.delay(), () -> to.arriveReset(ErrorCode.CONNECTION_RESET));
    }
  }

  /** connect(2) with an address of no family: a reset for the peer, and nothing more to be had here. */
  int disconnect() {
    if (state == State.CONNECTED && !broken) {
      reset();
      changed(true, true);
    }
    return 0;
  }

  /** The network breaks the connection for both ends. */
  void cut() {
    SimSocket to = peer;
    arriveReset(ErrorCode.CONNECTION_RESET);
    if (to != null) {
      to.arriveReset(ErrorCode.CONNECTION_RESET);
    }
  }

  private void arriveReset(int why) {
    if (broken) {
      return;
    }
    broken = true;
    error = why;
    out.clear();
    network.trace.add(network.now(), "reset arrives at socket", serial, 0);
    changed(true, true);
  }

  // ---- readiness

  /** Bits of {@link Ready} that are true now. */
  int ready() {
    if (state == State.LISTENING) {
      return backlog.isEmpty() ? 0 : Ready.READ;
    }
    if (state == State.CONNECTING) {
      return 0;
    }
    int bits = 0;
    if (broken || error != 0 || state == State.FRESH) {
      bits |= Ready.ERROR | Ready.READ | Ready.WRITE;
    }
    if (in.size() > 0 || finArrived) {
      bits |= Ready.READ;
    }
    if (out.room() > 0 || outputShut) {
      bits |= Ready.WRITE;
    }
    return finArrived ? bits | Ready.FIN : bits;
  }

  private void changed(boolean read, boolean write) {
    network.progress++;
    if (read) {
      readEdges++;
    }
    if (write) {
      writeEdges++;
    }
    if (onChange != null) {
      onChange.run();
    }
  }
}
