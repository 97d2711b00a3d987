package io.janus.simulation;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.readiness.Ready;
import io.janus.simulation.Flight.Arrival;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel does on its own time for a {@link SimPort}: tries the operations that wait, moves bytes into and out of the
 * buffers it holds, and queues completions. It checks at each move that the memory is still its own.
 */
final class SimKernel {
  private static final Buffer[] NO_BUFFERS = {};
  private final SimNetwork network;
  private final BufferPool pool;
  private final OperationTable operations;
  private final LongUnaryOperator adopt;
  private final PlantedBug bug;
  private final SimMemory memory;

  /** By slot of the table of operations. */
  private @Nullable Flight[] flights = new Flight[16];

  private final List<Flight> waiting = new ArrayList<>();
  private final List<Arrival> arrivals = new ArrayList<>();

  /** Whether a send completes only when all its bytes have gone, as on IOCP. */
  private final boolean sendsWhole;

  private int untilDrop;
  private boolean closed;

  SimKernel(
      SimNetwork network,
      BufferPool pool,
      OperationTable operations,
      LongUnaryOperator adopt,
      PlantedBug bug) {
    this.network = network;
    this.pool = pool;
    this.operations = operations;
    this.adopt = adopt;
    this.bug = bug;
    this.memory = new SimMemory(network.checks);
    this.sendsWhole = network.dice.below(2) == 0;
    this.untilDrop = bug == PlantedBug.COMPLETION_DROPPED ? network.dice.between(1, 60) : 0;
  }

  // ---- the port's side

  void start(Flight flight, long option) {
    if (flight.slot >= flights.length) {
      flights = Arrays.copyOf(flights, Math.max(flight.slot + 1, flights.length * 2));
    }
    flights[flight.slot] = flight;
    switch (flight.kind) {
      case SHUTDOWN -> {
        if (isBehindSomething(flight)) {
          waiting.add(flight);
        } else {
          end(flight, flight.handle.socket.shutdownOutput());
        }
      }
      case OPTION -> {
        Buffer value = operations.buffer(flight.slot);
        end(flight, flight.handle.socket.setOption(option, value), value);
      }
      case CLOSE -> network.after(network.delay(), () -> closeHandle(flight));
      default -> waiting.add(flight);
    }
  }

  /** True if a connect or send of the same handle goes before this shutdown. */
  private boolean isBehindSomething(Flight shutdown) {
    return waiting.stream()
        .anyMatch(flight -> flight.handle == shutdown.handle && !flight.ended
            && (flight.kind == Operation.SEND || flight.kind == Operation.CONNECT));
  }

  /** True if a shutdown of the handle waits for what goes before it. */
  boolean isShutting(SimHandle handle) {
    return waiting.stream()
        .anyMatch(flight -> flight.handle == handle && !flight.ended
            && flight.kind == Operation.SHUTDOWN);
  }

  void connect(long operation, int port) {
    Flight flight = flights[(int) operation];
    int result = flight.handle.socket.connect(port);
    if (result != ErrorCode.IN_PROGRESS) {
      waiting.remove(flight);
      end(flight, result);
    }
  }

  /** The wish to end; false if the last completion is on its way already. */
  boolean cancel(int slot) {
    Flight flight = flights[slot];
    if (flight == null || flight.ended || flight.kind == Operation.CLOSE
        || flight.kind == Operation.SHUTDOWN) {
      return false;
    }
    if (bug == PlantedBug.BUFFER_FREED_AT_CLOSE) {
      freeTooEarly(flight);
    }
    long delay =
        network.dice.perMille(network.faults.slowCancels) ? network.delay() : 0;
    network.after(delay, () -> cancelArrives(flight));
    return true;
  }

  boolean occupied(int slot) {
    return slot < flights.length && flights[slot] != null;
  }

  SimHandle handleOf(int slot) {
    return flights[slot].handle;
  }

  void forget(int slot) {
    waiting.remove(flights[slot]);
    flights[slot] = null;
  }

  boolean hasArrivals() {
    return !arrivals.isEmpty();
  }

  /** Any operation's completion, but those of one operation in their order. */
  Arrival takeArrival() {
    int index = network.faults.anyOrder ? network.dice.below(arrivals.size()) : 0;
    Arrival any = arrivals.get(index);
    for (int i = 0; i < arrivals.size(); i++) {
      if (arrivals.get(i).id() == any.id()) {
        return arrivals.remove(i);
      }
    }
    throw new AssertionError("an arrival left the queue by itself");
  }

  /** The port closes: every buffer goes back to its pool and nothing is touched any more. */
  void endAll() {
    closed = true;
    for (Arrival arrival : arrivals) {
      release(operations.find(arrival.id()) == OperationTable.NONE ? null : arrival.buffer());
    }
    arrivals.clear();
    for (Flight flight : flights) {
      if (flight != null) {
        release(flight.filling);
        release(operations.buffer(flight.slot));
        for (Buffer buffer : gathered(flight)) {
          release(buffer);
        }
        operations.release(flight.slot);
      }
    }
    waiting.clear();
  }

  // ---- the kernel's own time

  /** Tries everything that waits, beginning anywhere. */
  void goOn() {
    if (waiting.isEmpty()) {
      return;
    }
    int start = network.dice.below(waiting.size());
    Flight[] now = waiting.toArray(new Flight[0]);
    for (int i = 0; i < now.length; i++) {
      Flight flight = now[(start + i) % now.length];
      if (!flight.ended && !flight.moving) {
        attempt(flight);
      }
    }
    waiting.removeIf(flight -> flight.ended);
  }

  private void attempt(Flight flight) {
    SimSocket socket = flight.handle.socket;
    switch (flight.kind) {
      case ACCEPT -> accept(flight, socket);
      case RECEIVE -> {
        if ((socket.ready() & Ready.READ) != 0) {
          beginReceive(flight);
        }
      }
      case SEND -> send(flight, socket);
      case SHUTDOWN -> {
        if (!isBehindSomething(flight)) {
          end(flight, socket.shutdownOutput());
        }
      }
      case CONNECT -> {
        if (socket.state != SimSocket.State.CONNECTING) {
          end(flight, socket.takeError());
        }
      }
      default -> throw new AssertionError(flight.kind + " never waits");
    }
  }

  private void accept(Flight flight, SimSocket listener) {
    long result = SimSockets.acceptFrom(network, listener);
    if (result == ErrorCode.WOULD_BLOCK) {
      return;
    }
    if (result < 0) {
      // Out of descriptors without anybody waiting is nothing that a kernel would tell.
      if (listener.ready() != 0 || result != ErrorCode.OUT_OF_DESCRIPTORS) {
        end(flight, (int) result);
      }
      return;
    }
    long handle = adopt.applyAsLong(result);
    SimSocket accepted = network.find(result);
    Address peer =
        flight.withPeer && accepted != null ? SimSockets.addressOf(accepted.remotePort) : null;
    boolean more = goesOn(flight);
    flight.ended = !more;
    arrive(new Arrival(flight.id, 0, more, handle, null, peer, false));
  }

  /** The kernel picks the buffer when bytes exist, and takes its time to fill it. */
  private void beginReceive(Flight flight) {
    Buffer own = operations.buffer(flight.slot);
    Buffer target = own != null ? own : pool.acquire();
    if (target == null) {
      end(flight, ErrorCode.NO_BUFFER);
      return;
    }
    if (own == null) {
      Custody.give(target, Custody.RECEIVE);
    }
    flight.filling = target;
    flight.moving = true;
    network.after(network.delay(), () -> endReceive(flight, target));
  }

  private void endReceive(Flight flight, Buffer target) {
    if (closed) {
      return;
    }
    memory.requireCustody(target, Custody.RECEIVE);
    int room = Custody.limit(target) - Custody.writeIndex(target);
    int result =
        network.fails(network.faults.receiveErrors, flight.handle.socket)
            ? SimErrors.OUT_OF_MEMORY
            : flight.handle.socket.receive(memory.scratch(room), room);
    flight.moving = false;
    flight.filling = null;
    if (result > 0) {
      memory.write(target, result);
      Custody.received(target, result);
      boolean more = goesOn(flight);
      flight.ended = !more;
      arrive(new Arrival(flight.id, result, more, 0, target, null, false));
      return;
    }
    boolean own = operations.buffer(flight.slot) != null;
    if (!own) {
      release(target);
    }
    if (result != ErrorCode.WOULD_BLOCK) {
      end(flight, result, own ? target : null);
    } else if (flight.cancelled) {
      end(flight, ErrorCode.CANCELLED, own ? target : null);
    }
  }

  private void send(Flight flight, SimSocket socket) {
    Buffer[] gather = gathered(flight);
    for (Buffer buffer : gather) {
      memory.requireCustody(buffer, Custody.SEND);
    }
    if (network.fails(network.faults.sendErrors, socket)) {
      end(flight, SimErrors.OUT_OF_MEMORY);
      return;
    }
    int left = memory.gather(gather, gather.length, flight.moved);
    int result = socket.send(memory.scratch(left), 0, left);
    if (result == ErrorCode.WOULD_BLOCK) {
      return;
    }
    if (result < 0) {
      end(flight, result);
      return;
    }
    flight.moved += result;
    if (result == left || !sendsWhole) {
      // The bytes are on their way; the kernel may still look at them (zero copy) until it says that it is done.
      flight.moving = true;
      network.after(network.delay(), () -> endSend(flight, gather));
    }
  }

  private void endSend(Flight flight, Buffer[] gather) {
    if (closed) {
      return;
    }
    for (Buffer buffer : gather) {
      memory.requireCustody(buffer, Custody.SEND);
    }
    end(flight, flight.moved);
  }

  private void cancelArrives(Flight flight) {
    if (closed || flight.ended) {
      return;
    }
    flight.cancelled = true;
    if (!flight.moving) {
      waiting.remove(flight);
      int result = flight.moved > 0 ? flight.moved : ErrorCode.CANCELLED;
      Buffer own = flight.kind == Operation.RECEIVE ? operations.buffer(flight.slot) : null;
      end(flight, result, own);
    }
  }

  private void closeHandle(Flight flight) {
    if (!closed) {
      network.closeDescriptor(flight.handle.descriptor);
      end(flight, 0);
    }
  }

  private boolean goesOn(Flight flight) {
    return flight.repeat
        && !flight.cancelled
        && !network.dice.perMille(network.faults.repeatEnds);
  }

  private void end(Flight flight, int result) {
    end(flight, result, null);
  }

  private void end(Flight flight, int result, @Nullable Buffer buffer) {
    flight.ended = true;
    arrive(new Arrival(flight.id, result, false, 0, buffer, null, false));
  }

  private void arrive(Arrival arrival) {
    if (!arrival.more() && untilDrop > 0 && --untilDrop == 0) {
      return;
    }
    arrivals.add(arrival);
    if (!arrival.more() && network.dice.perMille(network.faults.echoes)) {
      // A kernel may speak twice of one operation; the second time its slot can be somebody else's.
      Arrival echo =
          new Arrival(arrival.id(), arrival.result(), false, 0, null, null, true);
      network.after(network.delay() * 4, () -> arrivals.add(echo));
    }
  }

  /** The planted defect: the buffer is given up while the kernel still has it. */
  private void freeTooEarly(Flight flight) {
    release(flight.filling);
    for (Buffer buffer : gathered(flight)) {
      release(buffer);
    }
  }

  /** A copy, as the kernel takes one of the addresses at submit. */
  private Buffer[] gathered(Flight flight) {
    int count = operations.gatherCount(flight.slot);
    return count == 0 ? NO_BUFFERS : Arrays.copyOf(operations.gather(flight.slot), count);
  }

  private static void release(@Nullable Buffer buffer) {
    if (buffer != null && Custody.of(buffer) != Custody.POOLED) {
      Custody.giveBack(buffer);
      buffer.release();
    }
  }
}
