package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.linux.Uring;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a simulated ring, from an entry to its last completion. An operation is tried when its entry is taken; if it would
 * block, it goes on in a later call, some time after its socket has woken it.
 */
final class SimRingWork {
  private static final int NOT_FOUND = -2;
  private static final int POLL_IN = 1;

  private final SimNetwork network;
  private final SimRingTraits traits;
  private final SimRing ring;
  private final SimTransfers transfers;

  /** In the order of their entries, so that a seed is replayed exactly. */
  private final List<SimRequest> live = new ArrayList<>();

  /** Names of operations with an entry that was not copied: they go on by further entries of the same name. */
  private final Set<Long> uncopied = new HashSet<>();

  private final SimWaker waker = new SimWaker();

  @Nullable SimProvided provided;
  @Nullable SimTable table;

  SimRingWork(SimNetwork network, SimRingTraits traits, SimGuard guard, SimRing ring) {
    this.network = network;
    this.traits = traits;
    this.ring = ring;
    this.transfers = new SimTransfers(network, traits, guard, this, ring);
  }

  // ---- entries

  void start(SimEntry entry) {
    switch (entry.opcode()) {
      case Uring.OP_NOP -> answer(entry, 0);
      case Uring.OP_ASYNC_CANCEL -> answer(entry, cancel(entry.address()));
      case Uring.OP_POLL_ADD -> live.add(new SimRequest(entry, null));
      case Uring.OP_FILES_UPDATE -> answer(entry, install(entry));
      case Uring.OP_CLOSE -> startClose(entry);
      default -> {
        // Flags are looked at first, and the descriptor after them.
        int refused = transfers.refusal(entry);
        SimSocket socket = refused == 0 ? file(entry) : null;
        if (socket == null) {
          answer(entry, refused == 0 ? SimErrors.BAD_DESCRIPTOR : refused);
        } else {
          startOn(entry, socket);
        }
      }
    }
  }

  private void startOn(SimEntry entry, SimSocket socket) {
    switch (entry.opcode()) {
      case Uring.OP_FIXED_FD_INSTALL -> answer(entry, (int) network.describe(socket));
      case Uring.OP_URING_CMD -> answer(entry, SimTransfers.command(entry, socket));
      case Uring.OP_SHUTDOWN -> {
        // Always by a worker thread.
        SimRequest request = hold(new SimRequest(entry, socket));
        handOver(request, socket::shutdownOutput, true);
      }
      default -> {
        noteSend(entry, socket);
        SimRequest request = hold(new SimRequest(entry, socket));
        transfers.prepare(request);
        if (entry.opcode() != Uring.OP_RECV || (entry.how() & Uring.POLL_FIRST) == 0) {
          transfers.attempt(request);
        }
      }
    }
  }

  private void noteSend(SimEntry entry, SimSocket socket) {
    if (entry.isUncopied()) {
      uncopied.add(entry.userData());
    }
    if (!entry.isSend()) {
      return;
    }
    for (SimRequest request : live) {
      if (request.socket == socket && request.lingers && !request.ended) {
        boolean same = request.entry.userData() == entry.userData();
        network.trace.add(
            network.now(), same ? "rest of an uncopied send" : "send behind pinned bytes",
            entry.userData(), 0);
        return;
      }
    }
  }

  private SimRequest hold(SimRequest request) {
    request.file().watchers++;
    live.add(request);
    return request;
  }

  private void startClose(SimEntry entry) {
    boolean direct = entry.fileIndex() != 0;
    SimRequest request = new SimRequest(entry, null);
    live.add(request);
    handOver(
        request,
        () -> direct ? table().remove(entry.fileIndex() - 1)
            : network.closeDescriptor(entry.fd()),
        network.dice.perMille(traits.workers));
  }

  /** Does something at once, or later on a worker thread; either way its completion comes through the ring. */
  private void handOver(SimRequest request, IntSupplier what, boolean byWorker) {
    if (byWorker) {
      network.trace.add(network.now(), "worker thread", request.entry.opcode(), 0);
      network.after(network.delay(), () -> request.answer = what.getAsInt());
    } else {
      request.answer = what.getAsInt();
    }
    if (request.answer != SimRequest.NONE) {
      end(request, request.answer, 0);
    }
  }

  private int install(SimEntry entry) {
    MemorySegment cell = SimGuard.at(entry.address(), 4);
    SimSocket socket = network.find(cell.get(JAVA_INT, 0));
    if (socket == null) {
      return SimErrors.BAD_DESCRIPTOR;
    }
    int index = table().put(socket);
    if (index < 0) {
      return index;
    }
    cell.set(JAVA_INT, 0, index);
    return 1;
  }

  /** The wish to end; it is granted now or a little later, and until then the operation may go on. */
  private int cancel(long name) {
    for (SimRequest request : live) {
      if (request.entry.userData() == name && !request.ended && !request.lingers) {
        boolean slow = request.entry.opcode() != Uring.OP_ACCEPT
            && network.dice.perMille(network.faults.slowCancels);
        network.trace.add(network.now(), slow ? "cancel comes late" : "cancel", name, 0);
        network.after(slow ? network.delay() : 0, () -> request.cancelled = true);
        return 0;
      }
    }
    return NOT_FOUND;
  }

  private @Nullable SimSocket file(SimEntry entry) {
    return entry.has(Uring.SQE_FIXED_FILE) ? table().find(entry.fd()) : network.find(entry.fd());
  }

  SimTable table() {
    SimTable known = table;
    if (known == null) {
      throw new AssertionError("the ring has no table of descriptors");
    }
    return known;
  }

  // ---- the kernel's own time

  /** Goes on with what can go on, beginning anywhere, a few at a time. */
  void goOn() {
    int left = traits.mostWork;
    SimRequest[] now = live.toArray(new SimRequest[0]);
    int start = now.length > 0 && network.faults.anyOrder ? network.dice.below(now.length) : 0;
    for (int i = 0; i < now.length && left > 0; i++) {
      SimRequest request = now[(start + i) % now.length];
      if (!request.ended && canGoOn(request) && isRipe(request)) {
        left--;
        goOn(request);
      }
    }
    live.removeIf(request -> request.ended);
    if (left == 0) {
      // There may be more, for the next call.
      network.after(1, () -> {});
    }
  }

  private boolean canGoOn(SimRequest request) {
    if (request.lingers) {
      return request.file().isReadByPeer(request.until);
    }
    return request.cancelled || request.answer != SimRequest.NONE
        || (request.entry.opcode() == Uring.OP_POLL_ADD
            ? waker.isRaised(request.entry.fd())
            : transfers.isReady(request));
  }

  /** The kernel takes its time between the event and the work. */
  private boolean isRipe(SimRequest request) {
    if (request.ripeAt == 0) {
      long delay = network.delay();
      request.ripeAt = network.now() + delay;
      if (delay > 0) {
        network.after(delay, () -> {});
      }
    }
    return network.now() >= request.ripeAt;
  }

  private void goOn(SimRequest request) {
    request.ripeAt = 0;
    if (request.lingers) {
      transfers.letGo(request);
    } else if (request.answer != SimRequest.NONE) {
      end(request, request.answer, request.pickedFlags);
    } else if (request.cancelled) {
      transfers.endCancelled(request);
    } else if (request.entry.opcode() == Uring.OP_POLL_ADD) {
      waker.lower();
      more(request, POLL_IN, 0);
    } else {
      transfers.attempt(request);
    }
  }

  // ---- completions

  /**
   * One completion of a repeated operation; its last one if the queue is full, or if the seed ends it.
   *
   * @return true if the operation lives on
   */
  boolean more(SimRequest request, int result, int flags) {
    boolean goesOn =
        request.entry.isMultishot() && ring.hasRoom()
            && !network.dice.perMille(network.faults.repeatEnds);
    if (goesOn) {
      ring.complete(
          request.socket, request.entry.userData(), result, flags | Uring.CQE_MORE);
    } else {
      if (request.entry.isMultishot()) {
        network.trace.add(network.now(), "repetition ends", request.entry.userData(), result);
      }
      end(request, result, flags);
    }
    return goesOn;
  }

  void end(SimRequest request, int result, int flags) {
    request.ended = true;
    if (request.socket != null) {
      request.socket.watchers--;
    }
    ring.complete(request.socket, request.entry.userData(), result, flags);
    if (isOver(request, result) && network.dice.perMille(network.faults.echoes)) {
      // A kernel may speak twice of one operation; the second time its slot can be somebody else's.
      network.trace.add(network.now(), "end told twice", request.entry.userData(), 0);
      network.after(
          network.delay() * 4,
          () -> ring.complete(null, request.entry.userData(), Math.min(0, result), 0));
    }
  }

  /** True if the port is through with the operation, too: after some errors it goes on by a new entry of the same name. */
  private boolean isOver(SimRequest request, int result) {
    return request.entry.userData() > 0 && !uncopied.contains(request.entry.userData())
        && (result >= 0 || result == ErrorCode.CANCELLED);
  }

  /** The end of an operation that needed no request. */
  private void answer(SimEntry entry, int result) {
    if (result < 0 || !entry.has(Uring.SQE_CQE_SKIP_SUCCESS)) {
      ring.complete(null, entry.userData(), result, 0);
    }
  }

  void close() {
    for (SimRequest request : live) {
      network.checks.require(
          request.ended || request.entry.opcode() == Uring.OP_POLL_ADD,
          "the ring was closed with an operation in flight: " + request.entry);
    }
    live.clear();
    if (table != null) {
      table.closeAll();
    }
  }
}
