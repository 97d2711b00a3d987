package io.janus.simulation;

import io.janus.ffi.ErrorCode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One kernel and its network for one thread: descriptors that are used again lowest first, a clock that moves when everybody
 * waits, and an agenda of what is on its way.
 */
final class SimNetwork {
  static final long MICRO = 1_000;
  static final long MILLI = 1_000_000;
  private static final int FIRST_DESCRIPTOR = 3;
  private static final long START = 1_000 * MILLI;

  final Dice dice;
  final Trace trace;
  final Checks checks;
  final Faults faults;

  /** Bytes of each direction of new sockets' kernel buffers. */
  int bufferBytes = 1 << 16;

  int descriptorLimit = 1 << 16;

  /** Moves whenever something really happened: bytes, an end, a connection, a passing of time. */
  long progress;

  /** Is told of every socket whose connection a fault may end. */
  Consumer<SimSocket> onFault = socket -> {};

  private final PriorityQueue<Happening> agenda = new PriorityQueue<>();
  private final Map<Integer, SimSocket> listeners = new HashMap<>();
  private @Nullable SimSocket[] descriptors = new SimSocket[16];
  private int open;
  private int nextPort = 40_000;
  private int nextSerial = 1;
  private long nextOrder;
  private long now = START;

  SimNetwork(Dice dice, Trace trace, Checks checks, Faults faults) {
    this.dice = dice;
    this.trace = trace;
    this.checks = checks;
    this.faults = faults;
  }

  private record Happening(long time, long order, Runnable what) implements Comparable<Happening> {
    @Override
    public int compareTo(Happening other) {
      return time != other.time
          ? Long.compare(time, other.time)
          : Long.compare(order, other.order);
    }
  }

  // ---- time

  long now() {
    return now;
  }

  /** Something happens after a delay; without one, at once. */
  void after(long nanos, Runnable what) {
    if (nanos <= 0) {
      what.run();
    } else {
      agenda.add(new Happening(now + nanos, nextOrder++, what));
    }
  }

  /** The delay of one packet or one piece of kernel work. */
  long delay() {
    return faults.maxDelayMicros == 0 ? 0 : dice.between(1, faults.maxDelayMicros) * MICRO;
  }

  /** A system call takes a moment. */
  void tick() {
    now += MICRO;
    runDue();
  }

  void runDue() {
    while (!agenda.isEmpty() && agenda.peek().time <= now) {
      progress++;
      agenda.remove().what.run();
    }
  }

  /** Everybody waits: time moves to the next happening, or to the deadline. */
  void sleepUntil(long deadline) {
    if (agenda.isEmpty() && deadline == Long.MAX_VALUE) {
      checks.fail("a thread waits for ever and nothing is left that could wake it");
    }
    long next = agenda.isEmpty() ? deadline : Math.min(deadline, agenda.peek().time);
    if (next > now) {
      now = next;
      progress++;
    }
    runDue();
  }

  /** True if the call fails by seed. */
  boolean fails(int perMille, SimSocket socket) {
    boolean fails = dice.perMille(perMille);
    if (fails) {
      trace.add(now, "fault at socket", socket.serial, 0);
      onFault.accept(socket);
    }
    return fails;
  }

  // ---- descriptors

  /** A descriptor for the socket, the lowest that is free as on Linux, or an error. */
  long describe(SimSocket socket) {
    if (open >= descriptorLimit) {
      return ErrorCode.OUT_OF_DESCRIPTORS;
    }
    int fd = FIRST_DESCRIPTOR;
    while (fd < descriptors.length && descriptors[fd] != null) {
      fd++;
    }
    if (fd == descriptors.length) {
      descriptors = Arrays.copyOf(descriptors, fd * 2);
    }
    descriptors[fd] = socket;
    socket.descriptor = fd;
    socket.held();
    open++;
    trace.add(now, "descriptor, socket", fd, socket.serial);
    return fd;
  }

  boolean outOfDescriptors() {
    return open >= descriptorLimit;
  }

  @Nullable
  SimSocket find(long fd) {
    return fd >= 0 && fd < descriptors.length ? descriptors[(int) fd] : null;
  }

  /** Frees the number at once; the socket itself may live on to deliver what was sent. */
  int closeDescriptor(long fd) {
    SimSocket socket = find(fd);
    if (socket == null) {
      checks.fail("descriptor " + fd + " was closed, but it is not open");
      return SimErrors.BAD_DESCRIPTOR;
    }
    trace.add(now, "close descriptor, socket", fd, socket.serial);
    descriptors[(int) fd] = null;
    open--;
    socket.descriptor = -1;
    release(socket);
    return 0;
  }

  /** One holder lets go; with the last one the socket is closed. */
  void release(SimSocket socket) {
    if (socket.letGo()) {
      checks.require(
          !faults.forbidsCloseUnderWatch || socket.watchers == 0,
          "socket " + socket.serial
              + " was closed while a poller watched it or an operation was in flight");
      socket.close();
    }
  }

  int openDescriptors() {
    return open;
  }

  // ---- ports

  SimSocket newSocket() {
    return new SimSocket(this, nextSerial++, bufferBytes);
  }

  int newPort() {
    return nextPort++;
  }

  boolean claim(int port, SimSocket listener) {
    return listeners.putIfAbsent(port, listener) == null;
  }

  void giveUp(int port, SimSocket listener) {
    listeners.remove(port, listener);
  }

  @Nullable
  SimSocket listenerAt(int port) {
    return listeners.get(port);
  }
}
