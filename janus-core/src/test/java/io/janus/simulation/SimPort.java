package io.janus.simulation;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.completion.PortGuard;
import io.janus.completion.PostQueue;
import io.janus.completion.SubmitCheck;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.simulation.Flight.Arrival;
import io.janus.socket.Address;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A native completion port on the simulated network, with the manners of io_uring and IOCP: operations go on by themselves in
 * any order, the kernel holds their buffers, a cancel may come too late, a repeated operation may end at any time, and a
 * handle's number is used again.
 */
final class SimPort implements CompletionPort {
  private static final Buffer[] NO_GATHER = {};
  private final PortGuard guard = new PortGuard();
  private final SimNetwork network;
  private final OperationTable operations;
  private final PostQueue posts;
  private final Counters counters;
  private final SimKernel kernel;
  private final PlantedBug bug;

  /** By their number, in order, so that a seed is replayed exactly. */
  private final Map<Long, SimHandle> handles = new TreeMap<>();

  private final boolean grantsRepeat;

  /** Level and name of the option call that is being submitted. */
  private long option;

  private long generation;
  private boolean postsFirst;
  private boolean woken;
  private boolean closed;

  SimPort(
      SimNetwork network, BufferPool pool, Limits limits, Counters counters, PlantedBug bug) {
    this.network = network;
    this.counters = counters;
    this.bug = bug;
    this.operations = new OperationTable(limits.operations());
    this.posts = new PostQueue(limits.mailboxTasks());
    this.kernel = new SimKernel(network, pool, operations, this::adopt, bug);
    this.grantsRepeat = network.dice.below(4) != 0;
  }

  @Override
  public long adopt(long socket) {
    guard.check();
    SimSocket found = network.find(socket);
    if (found == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    // The descriptor's number is used again; the generation tells a late wish from its successor's.
    long id = socket | ++generation << 32;
    handles.put(id, new SimHandle(id, (int) socket, found));
    return id;
  }

  @Override
  public long socket(long handle) {
    SimHandle found = handles.get(handle);
    return found == null || found.closing ? -1 : found.descriptor;
  }

  @Override
  public long accept(long listener, int flags, long token) {
    SimHandle handle = taker(listener);
    return handle == null
        ? refusal(listener)
        : submit(handle, Operation.ACCEPT, token, null, NO_GATHER, flags);
  }

  @Override
  public long connect(long on, Address peer, long token) {
    SubmitCheck.peer(peer);
    SimHandle handle = giver(on);
    if (handle == null) {
      return refusal(on);
    }
    long operation = submit(handle, Operation.CONNECT, token, null, NO_GATHER, 0);
    kernel.connect(operation, peer.port());
    return operation;
  }

  @Override
  public long receive(long on, int flags, long token) {
    SimHandle handle = taker(on);
    return handle == null
        ? refusal(on)
        : submit(handle, Operation.RECEIVE, token, null, NO_GATHER, flags);
  }

  @Override
  public long receive(long on, Buffer into, long token) {
    SubmitCheck.room(into);
    SimHandle handle = taker(on);
    if (handle == null) {
      return refusal(on);
    }
    Custody.give(into, Custody.RECEIVE);
    return submit(handle, Operation.RECEIVE, token, into, NO_GATHER, 0);
  }

  @Override
  public long send(long on, Buffer from, long token) {
    SimHandle handle = giver(on);
    if (handle == null) {
      return refusal(on);
    }
    Custody.give(from, Custody.SEND);
    return submit(handle, Operation.SEND, token, from, new Buffer[] {from}, 0);
  }

  @Override
  public long sendAll(long on, Buffer[] from, int count, long token) {
    SubmitCheck.gather(from, count);
    SimHandle handle = giver(on);
    if (handle == null) {
      return refusal(on);
    }
    Custody.giveAll(from, count, Custody.SEND);
    Buffer[] all = Arrays.copyOf(from, count);
    return submit(handle, Operation.SEND, token, from[0], all, 0);
  }

  @Override
  public long option(long on, int level, int name, Buffer value, long token) {
    SimHandle handle = any(on);
    if (handle == null) {
      return refusal(on);
    }
    Custody.give(value, Custody.OPTION);
    option = SimSocket.optionKey(level, name);
    return submit(handle, Operation.OPTION, token, value, NO_GATHER, 0);
  }

  @Override
  public long shutdownOutput(long on, long token) {
    SimHandle handle = any(on);
    return handle == null || kernel.isShutting(handle)
        ? refusal(on)
        : submit(handle, Operation.SHUTDOWN, token, null, NO_GATHER, 0);
  }

  @Override
  public long close(long on, int flags, long token) {
    SimHandle handle = any(on);
    if (handle == null) {
      return refusal(on);
    }
    SubmitCheck.idle(handle.inFlight);
    handle.closing = true;
    handle.socket.resetOnClose |= (flags & RESET) != 0;
    return submit(handle, Operation.CLOSE, token, null, NO_GATHER, 0);
  }

  @Override
  public boolean cancel(long operation) {
    guard.check();
    int slot = operations.find(operation);
    return slot != NONE && kernel.cancel(slot);
  }

  @Override
  public int await(Completions out, long timeoutNanos) {
    guard.check();
    out.clear();
    network.tick();
    counters.increment(Counter.WAIT_CALLS);
    long deadline = timeoutNanos < 0 ? Long.MAX_VALUE : network.now() + timeoutNanos;
    while (true) {
      kernel.goOn();
      // In turns, so that neither starves the other in a small batch.
      postsFirst = !postsFirst;
      if (postsFirst) {
        posts.drainTo(out);
      }
      while (!out.isFull() && kernel.hasArrivals()) {
        deliver(out, kernel.takeArrival());
      }
      posts.drainTo(out);
      boolean idle = network.dice.perMille(network.faults.idleAwaits);
      if (out.count() > 0 || woken || timeoutNanos == 0 || idle || network.now() >= deadline) {
        break;
      }
      network.sleepUntil(deadline);
    }
    woken = false;
    return out.count();
  }

  @Override
  public boolean post(long token, int value) {
    boolean taken = posts.offer(token, value);
    woken |= taken;
    return taken;
  }

  @Override
  public void wake() {
    woken = true;
  }

  @Override
  public int abilities() {
    return PATHS | (grantsRepeat ? CAN_REPEAT : 0);
  }

  @Override
  public int inFlight() {
    return operations.inFlight();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    guard.end();
    closed = true;
    posts.close();
    kernel.endAll();
    for (SimHandle handle : handles.values().toArray(SimHandle[]::new)) {
      network.closeDescriptor(handle.descriptor);
    }
    handles.clear();
  }

  private long submit(
      SimHandle handle,
      Operation kind,
      long token,
      @Nullable Buffer buffer,
      Buffer[] gather,
      int flags) {
    int slot = operations.take(kind, token, handle.id, buffer);
    if (gather.length > 0) {
      operations.gather(slot, gather, gather.length);
    }
    handle.inFlight++;
    handle.taking |= kind == Operation.ACCEPT || kind == Operation.RECEIVE;
    handle.giving |= kind == Operation.CONNECT || kind == Operation.SEND;
    boolean repeat = grantsRepeat && (flags & REPEAT) != 0;
    kernel.start(
        new Flight(
            operations.id(slot), slot, kind, handle, repeat, (flags & WITH_PEER) != 0),
        option);
    network.trace.add(network.now(), "submit " + kind, handle.descriptor, operations.id(slot));
    return operations.id(slot);
  }

  private void deliver(Completions out, Arrival arrival) {
    int slot = operations.find(arrival.id());
    if (slot == NONE && bug == PlantedBug.GENERATION_CHECK_SKIPPED) {
      slot = kernel.occupied((int) arrival.id()) ? (int) arrival.id() : NONE;
    }
    if (slot == NONE) {
      counters.increment(Counter.STALE_EVENTS);
      return;
    }
    Operation kind = operations.kind(slot);
    int gathered = operations.gatherCount(slot);
    Buffer buffer = arrival.buffer();
    if (gathered > 0) {
      Custody.sent(operations.gather(slot), gathered, arrival.result());
      Custody.giveBackAll(operations.gather(slot), gathered);
      buffer = operations.buffer(slot);
    } else if (buffer != null) {
      Custody.giveBack(buffer);
    }
    network.trace.add(network.now(), "complete " + kind, arrival.id(), arrival.result());
    out.put(
        kind,
        operations.token(slot),
        arrival.result(),
        arrival.more(),
        kind == Operation.ACCEPT ? arrival.handle() : operations.handle(slot),
        buffer,
        arrival.peer());
    if (!arrival.more()) {
      over(slot, kind);
    }
  }

  private void over(int slot, Operation kind) {
    SimHandle handle = kernel.handleOf(slot);
    handle.inFlight--;
    handle.taking &= kind != Operation.ACCEPT && kind != Operation.RECEIVE;
    handle.giving &= kind != Operation.CONNECT && kind != Operation.SEND;
    if (kind == Operation.CLOSE) {
      handles.remove(handle.id);
    }
    kernel.forget(slot);
    operations.release(slot);
  }

  private @Nullable SimHandle taker(long on) {
    SimHandle handle = any(on);
    return handle == null || handle.taking ? null : handle;
  }

  private @Nullable SimHandle giver(long on) {
    SimHandle handle = any(on);
    return handle == null || handle.giving ? null : handle;
  }

  private @Nullable SimHandle any(long on) {
    guard.check();
    SimHandle handle = handles.get(on);
    return handle == null || handle.closing || operations.isFull() ? null : handle;
  }

  private int refusal(long on) {
    SimHandle handle = handles.get(on);
    return handle == null || handle.closing ? ErrorCode.NOT_FOUND : ErrorCode.BUSY;
  }
}
