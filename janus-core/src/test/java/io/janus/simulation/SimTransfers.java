package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.linux.Uring;
import io.janus.readiness.Ready;
import io.janus.simulation.SimProvided.Provided;
import io.janus.simulation.SimRequest.Range;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What accept, receive, connect and send of a simulated ring do with their sockets and with the program's memory. */
final class SimTransfers {
  private static final int NO_BUFFER = -105;
  private static final int ALLOCATE = -1;
  private static final int VECTORS_AT = 16;
  private static final int VECTOR_COUNT_AT = 24;
  private static final int VECTOR_BYTES = 16;

  private final SimNetwork network;
  private final SimRingTraits traits;
  private final SimGuard guard;
  private final SimRingWork work;
  private final SimRing ring;
  private byte[] scratch = new byte[4096];

  SimTransfers(
      SimNetwork network, SimRingTraits traits, SimGuard guard, SimRingWork work, SimRing ring) {
    this.network = network;
    this.traits = traits;
    this.guard = guard;
    this.work = work;
    this.ring = ring;
  }

  /** Why the kernel does not know an entry with such flags, or 0. */
  int refusal(SimEntry entry) {
    return switch (entry.opcode()) {
      case Uring.OP_RECV -> knowsReceive(entry) ? 0 : ErrorCode.INVALID;
      case Uring.OP_ACCEPT, Uring.OP_CONNECT, Uring.OP_SEND, Uring.OP_SENDMSG, Uring.OP_SEND_ZC,
          Uring.OP_SENDMSG_ZC, Uring.OP_SHUTDOWN, Uring.OP_URING_CMD, Uring.OP_FIXED_FD_INSTALL ->
          traits
              .knows(entry.opcode()) ? 0 : ErrorCode.INVALID;
      default -> ErrorCode.INVALID;
    };
  }

  private boolean knowsReceive(SimEntry entry) {
    boolean bounded = entry.fileIndex() != 0;
    if (!entry.isMultishot()) {
      return !bounded;
    }
    return traits.repeatsReceives && (traits.boundsReceives || !bounded) && entry.length() == 0
        && entry.has(Uring.SQE_BUFFER_SELECT);
  }

  /** Copies out of the program's memory what the kernel copies when it takes the entry, and begins a connect. */
  void prepare(SimRequest request) {
    SimEntry entry = request.entry;
    switch (entry.opcode()) {
      case Uring.OP_CONNECT -> {
        MemorySegment address = SimGuard.at(entry.address(), entry.off());
        int port =
            (address.get(JAVA_BYTE, 2) & 0xff) << 8 | address.get(JAVA_BYTE, 3) & 0xff;
        int result = request.file().connect(port);
        request.answer = result == ErrorCode.IN_PROGRESS ? SimRequest.NONE : result;
      }
      case Uring.OP_SEND, Uring.OP_SEND_ZC -> request.ranges.add(
          new Range(entry.address(), entry.length()));
      case Uring.OP_SENDMSG, Uring.OP_SENDMSG_ZC -> copyHeader(request);
      default -> {
        // Nothing to copy.
      }
    }
  }

  private static void copyHeader(SimRequest request) {
    MemorySegment header = SimGuard.at(request.entry.address(), 56);
    long count = header.get(JAVA_LONG, VECTOR_COUNT_AT);
    MemorySegment vectors =
        SimGuard.at(header.get(JAVA_LONG, VECTORS_AT), count * VECTOR_BYTES);
    for (int i = 0; i < count; i++) {
      request.ranges.add(
          new Range(
              vectors.get(JAVA_LONG, (long) i * VECTOR_BYTES),
              (int) vectors.get(JAVA_LONG, (long) i * VECTOR_BYTES + 8)));
    }
  }

  /** A command on a socket: the option that makes its close a reset. */
  static int command(SimEntry entry, SimSocket socket) {
    if ((int) entry.off() != Uring.SOCKET_SETSOCKOPT) {
      return ErrorCode.NOT_SUPPORTED;
    }
    socket.resetOnClose = true;
    return 0;
  }

  boolean isReady(SimRequest request) {
    SimSocket socket = request.socket;
    if (socket == null || request.inWorker) {
      return false;
    }
    return switch (request.entry.opcode()) {
      case Uring.OP_CONNECT -> socket.state != SimSocket.State.CONNECTING;
      case Uring.OP_SEND, Uring.OP_SENDMSG, Uring.OP_SEND_ZC, Uring.OP_SENDMSG_ZC -> (socket.ready()
          & Ready.WRITE) != 0;
      case Uring.OP_ACCEPT, Uring.OP_RECV -> (socket.ready() & Ready.READ) != 0;
      default -> false;
    };
  }

  void attempt(SimRequest request) {
    switch (request.entry.opcode()) {
      case Uring.OP_ACCEPT -> accept(request);
      case Uring.OP_RECV -> receive(request);
      case Uring.OP_CONNECT -> connect(request);
      default -> send(request);
    }
  }

  private void connect(SimRequest request) {
    if (request.answer != SimRequest.NONE) {
      work.end(request, request.answer, 0);
    } else if (request.file().state != SimSocket.State.CONNECTING) {
      work.end(request, request.file().takeError(), 0);
    }
  }

  private void accept(SimRequest request) {
    boolean direct = request.entry.fileIndex() == ALLOCATE;
    for (int i = 0; i < traits.mostRounds && !request.ended; i++) {
      int result =
          direct
              ? work.table().accept(request.file())
              : (int) SimSockets.acceptFrom(network, request.file());
      if (result == ErrorCode.WOULD_BLOCK) {
        return;
      }
      if (result < 0) {
        work.end(request, result, 0);
      } else {
        work.more(request, result, 0);
      }
    }
  }

  private void receive(SimRequest request) {
    boolean picks = request.entry.has(Uring.SQE_BUFFER_SELECT);
    for (int i = 0; i < traits.mostRounds && !request.ended; i++) {
      SimProvided provided = picks ? work.provided : null;
      if (picks && (provided == null || provided.isEmpty())) {
        // It picks before it knows whether there are bytes.
        network.trace.add(network.now(), "no provided buffer", request.entry.userData(), 0);
        work.end(request, NO_BUFFER, 0);
        return;
      }
      if ((request.file().ready() & Ready.READ) == 0) {
        if (givesUp(request)) {
          waitInWorker(request, provided);
        }
        return;
      }
      if (network.fails(network.faults.receiveErrors, request.file())) {
        work.end(request, SimErrors.OUT_OF_MEMORY, 0);
        return;
      }
      if (!receiveInto(request, provided)) {
        return;
      }
    }
  }

  /** It picks a buffer, and waits in vain for as long as a time of the socket allows. */
  private void waitInWorker(SimRequest request, @Nullable SimProvided provided) {
    request.inWorker = true;
    if (provided != null) {
      network.trace.add(
          network.now(), "buffer in a worker's hand", request.entry.userData(), 0);
      request.pickedFlags =
          Uring.CQE_BUFFER | provided.peek().number() << Uring.CQE_BUFFER_SHIFT;
      provided.take();
    }
    network.after(network.delay(), () -> request.answer = ErrorCode.WOULD_BLOCK);
  }

  /** False if there was nothing, or no more than an end. */
  private boolean receiveInto(SimRequest request, @Nullable SimProvided provided) {
    Provided picked = provided == null ? null : provided.peek();
    long address = picked == null ? request.entry.address() : picked.address();
    int room = picked == null ? request.entry.length() : picked.bytes();
    int bound = picked == null ? 0 : request.entry.fileIndex();
    if (bound > 0) {
      room = Math.min(room, bound - request.received);
    }
    guard.require(address, room, Custody.RECEIVE);
    int result = request.file().receive(scratch(room), room);
    if (result == ErrorCode.WOULD_BLOCK) {
      return false;
    }
    if (result <= 0) {
      work.end(request, result, 0);
      return false;
    }
    guard.write(scratch, address, result);
    int flags = request.file().in.size() > 0 ? Uring.CQE_SOCK_NONEMPTY : 0;
    if (picked != null && provided != null) {
      provided.take();
      flags |= Uring.CQE_BUFFER | picked.number() << Uring.CQE_BUFFER_SHIFT;
    }
    request.received += result;
    if (bound > 0 && request.received >= bound) {
      work.end(request, result, flags);
      return true;
    }
    return work.more(request, result, flags);
  }

  private void send(SimRequest request) {
    if (traits.copiesAll && request.entry.isUncopied()) {
      sent(request, ErrorCode.NOT_SUPPORTED);
      return;
    }
    if (network.fails(network.faults.sendErrors, request.file())) {
      sent(request, SimErrors.OUT_OF_MEMORY);
      return;
    }
    int total = 0;
    for (Range range : request.ranges) {
      scratch(total + range.bytes());
      guard.read(range.address(), range.bytes(), scratch, total);
      total += range.bytes();
    }
    int result = request.file().send(scratch, 0, total);
    if (result != ErrorCode.WOULD_BLOCK || givesUp(request)) {
      sent(request, result);
    }
  }

  private boolean givesUp(SimRequest request) {
    boolean now = network.dice.perMille(traits.givesUp);
    if (now) {
      network.trace.add(network.now(), "wait given up", request.entry.userData(), 0);
    }
    return now;
  }

  /** One that was not copied has told its result only; its last word comes when the peer has the bytes. */
  private void sent(SimRequest request, int result) {
    if (!request.entry.isUncopied()) {
      work.end(request, result, 0);
      return;
    }
    request.lingers = true;
    request.until = result > 0 ? request.file().bytesSent() : 0;
    ring.complete(
        request.socket, request.entry.userData(), result, Uring.CQE_MORE);
  }

  void letGo(SimRequest request) {
    network.trace.add(network.now(), "uncopied bytes let go", request.entry.userData(), 0);
    for (Range range : request.ranges) {
      guard.require(range.address(), range.bytes(), Custody.SEND);
    }
    work.end(request, 0, Uring.CQE_NOTIF);
  }

  void endCancelled(SimRequest request) {
    for (Range range : request.ranges) {
      guard.require(range.address(), range.bytes(), Custody.SEND);
    }
    if (request.entry.opcode() == Uring.OP_RECV && !request.entry.has(Uring.SQE_BUFFER_SELECT)) {
      guard.require(request.entry.address(), request.entry.length(), Custody.RECEIVE);
    }
    boolean calledOff =
        request.inWorker || request.entry.isSend() && network.dice.perMille(traits.givesUp);
    int result = calledOff ? ErrorCode.INTERRUPTED : ErrorCode.CANCELLED;
    if (calledOff) {
      network.trace.add(network.now(), "worker called off", request.entry.userData(), 0);
    }
    if (request.entry.isUncopied()) {
      sent(request, result);
    } else {
      work.end(request, result, request.pickedFlags);
    }
  }

  private byte[] scratch(int bytes) {
    if (scratch.length < bytes) {
      scratch = Arrays.copyOf(scratch, Math.max(scratch.length * 2, bytes));
    }
    return scratch;
  }
}
