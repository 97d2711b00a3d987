package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.socket.Address;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a shared port, from the submit of a worker until a worker takes its last completion. The record is its own
 * way to the owner: nothing is made for a submit. Fields are written by the submitter before it is queued and read by the owner
 * after that; only the state changes meanwhile, under the port's lock.
 */
final class SharedOperation {
  enum State {
    FREE,
    /** The owner has not seen it. */
    QUEUED,
    /** Cancelled before the owner saw it. */
    WITHDRAWN,
    /** The owner's, and then its port's. */
    STARTED,
    /** Its last completion waits for a worker. */
    LANDED
  }

  private static final int GENERATION_MASK = 0x3fff_ffff;
  private static final Buffer[] NONE = new Buffer[0];

  final int slot;
  State state = State.FREE;
  private int generation = 1;
  Operation kind = Operation.POST;
  long handle;
  long token;

  /** Flags of an accept or receive, level of an option. */
  int flags;

  /** Name of an option. */
  int name;

  @Nullable Address peer;

  /** Buffers of the caller, the first {@link #count}; kept from use to use. */
  private Buffer[] buffers = NONE;

  private int count;
  private byte custody;

  /** Its name in the port below; 0 while it has none. The owner's. */
  long below;

  /** A wish to cancel it is on its way to the owner. */
  boolean wished;

  /** Bytes of a send that are told with its end. The owner's. */
  private int sent;

  /** The error that refused it, on its way to a worker. The owner's. */
  int refusal;

  /** The next in whatever list it is in. */
  @Nullable SharedOperation next;

  SharedOperation(int slot) {
    this.slot = slot;
  }

  void begin(Operation newKind, long newHandle, long newToken) {
    kind = newKind;
    handle = newHandle;
    token = newToken;
    flags = 0;
    name = 0;
    peer = null;
    count = 0;
    below = 0;
    wished = false;
    sent = 0;
    refusal = 0;
  }

  /**
   * False for what a port does not cancel. It is the same before the owner has seen it: whoever hears that a close was cancelled would
   * have to know that the handle lives on.
   */
  boolean canBeCancelled() {
    return switch (kind) {
      case ACCEPT, CONNECT, RECEIVE, SEND -> true;
      case OPTION, SHUTDOWN, CLOSE, POST -> false;
    };
  }

  /** Its name outside, above zero. */
  long id() {
    return slot | (long) generation << 32;
  }

  /**
   * Workers hear of a send once, when its buffers come back: two of its completions could overtake each other on their way to them. They
   * hear of at most 2^31 − 1 bytes; the buffers' own indexes tell of more.
   *
   * @param more there will be another completion
   * @return what to tell with the last one
   */
  int sum(int result, boolean more) {
    if (kind != Operation.SEND || result < 0) {
      return result;
    }
    // Parts of a send without a copy may be more together than an int holds, and a sum below zero would be an error.
    int sum = (int) Math.min(Integer.MAX_VALUE, (long) sent + result);
    sent = more ? sum : 0;
    return sum;
  }

  void end() {
    Arrays.fill(buffers, 0, count, null);
    count = 0;
    peer = null;
    state = State.FREE;
    generation = generation == GENERATION_MASK ? 1 : generation + 1;
  }

  /** Keeps buffers that were taken from their owner. */
  void hold(Buffer[] from, int number, byte by) {
    if (buffers.length < number) {
      buffers = new Buffer[number];
    }
    System.arraycopy(from, 0, buffers, 0, number);
    count = number;
    custody = by;
  }

  void hold(Buffer from, byte by) {
    if (buffers.length == 0) {
      buffers = new Buffer[1];
    }
    buffers[0] = from;
    count = 1;
    custody = by;
  }

  /** The caller's buffer, the first of several; null if it gave none. */
  @Nullable
  Buffer buffer() {
    return count == 0 ? null : buffers[0];
  }

  /** Nobody's turn to touch them: between the port below, which has given them back, and the worker that takes them. */
  void holdBuffers() {
    for (int i = 0; i < count; i++) {
      Custody.move(buffers[i], custody);
    }
  }

  void giveBuffersBack() {
    Custody.giveBackAll(buffers, count);
  }

  /** Gives the caller's buffers back to their pools. */
  void releaseBuffers() {
    giveBuffersBack();
    for (int i = 0; i < count; i++) {
      buffers[i].release();
    }
    count = 0;
  }

  /** The owner: submits it to the port below; an error below zero if it was refused, and then the buffers are held here. */
  int start(CompletionPort port) {
    // The port below takes them from their owner itself.
    giveBuffersBack();
    long result;
    try {
      result = submit(port);
    } catch (IllegalStateException | IllegalArgumentException misuse) {
      // The submitter is far away by now, so it learns by an error and not by an exception on a thread that is not its own.
      result = kind == Operation.CLOSE ? ErrorCode.BUSY : ErrorCode.INVALID;
    } catch (RuntimeException | Error failure) {
      keepWhatIsOurs();
      throw failure;
    }
    if (result < 0) {
      holdBuffers();
      return (int) result;
    }
    below = result;
    return 0;
  }

  /** After a submit that failed in the middle: buffers that the port below has taken already come back by its close, not from here. */
  private void keepWhatIsOurs() {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      Buffer buffer = buffers[i];
      if (Custody.of(buffer) == Custody.OWNED) {
        buffers[kept++] = buffer;
      }
    }
    Arrays.fill(buffers, kept, count, null);
    count = kept;
    holdBuffers();
  }

  private long submit(CompletionPort port) {
    long id = id();
    return switch (kind) {
      case ACCEPT -> port.accept(handle, flags, id);
      case CONNECT -> port.connect(handle, peer(), id);
      case RECEIVE -> count == 0
          ? port.receive(handle, flags, id)
          : port.receive(handle, buffers[0], id);
      case SEND -> count == 1
          ? port.send(handle, buffers[0], id)
          : port.sendAll(handle, buffers, count, id);
      case OPTION -> port.option(handle, flags, name, buffers[0], id);
      case SHUTDOWN -> port.shutdownOutput(handle, id);
      case CLOSE -> port.close(handle, id);
      case POST -> throw new IllegalStateException("a post is no operation");
    };
  }

  private Address peer() {
    Address to = peer;
    if (to == null) {
      throw new IllegalStateException("a connect without an address");
    }
    return to;
  }
}
