package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One completion port for a pool of workers, as IOCP was meant to be used: any thread submits, and any thread takes completions,
 * one at a time or in batches. It stands on any {@link CompletionPort}: a thread of its own owns that port, brings submits down
 * and completions up. (A ring of io_uring itself cannot honestly be shared, and an emulation need not be.)
 *
 * <p><b>Order.</b> Completions are handed out in the order in which the port below gave them, but two workers that took two of
 * them run at the same time. Whoever submits the next receive of a connection before he has done with this one can find two
 * workers in its handler at once: {@link Turnstile} is the cure. {@link CompletionPort#REPEAT} is therefore not granted to a
 * receive here.
 *
 * <p><b>Submits.</b> A submit returns the operation (above zero), or an error below zero, and then nothing was taken: {@link
 * ErrorCode#BUSY} if as many operations as {@link Limits#operations} are in flight, {@link ErrorCode#CANCELLED} after {@link
 * #stop}. It never blocks. What the port below refuses (a second receive, an unknown handle, a close with operations in flight:
 * {@link ErrorCode#BUSY}) is told by the operation's only completion, with the error as its result and the buffers given back. An
 * operation is in flight until its last completion, exactly one, is taken by a worker.
 *
 * <p><b>Back-pressure.</b> At most {@code queue} completions wait for workers. Then the owner takes no more from the port below,
 * sleeps until half of them are taken, and goes on. Submits are handed down meanwhile and never wait, until the table is full and they
 * answer BUSY. What the kernel can do at once is done: a send reaches the peer as far as the socket has room. What must wait for the
 * socket (a receive, the rest of a large send) may go on only when workers take again. So a worker may wait in its handler for the peer's
 * answer to a send for which there is room, and must not wait there for the end of an operation: if all of them did, nobody would take.
 *
 * <p><b>Buffers.</b> A buffer is given away by the thread that submits it and given back to the thread that takes the completion;
 * all that the one wrote is seen by the other. Touching it
 * in between throws, save for the moments in which the owner passes it to the port below or takes it back. The pool of the port below belongs to the owner: a worker that sends more than it
 * has received has a pool of its own.
 *
 * <p><b>Threads.</b> All methods are for any thread. Workers wait for each other only at one lock of the port, as at IOCP's own
 * queue; no connection has a lock. The owner's thread ends with {@link #close}.
 */
public final class SharedPort implements AutoCloseable {
  /** What {@link #take} says after {@link #stop}. */
  public static final int STOPPED = -1;

  /** What a shared port stands on; used on the owner's thread only. */
  public interface Foundation {
    /** Opens the port below, never null, for the calling thread, which is the owner's. */
    CompletionPort open() throws OsException;

    /** Frees what the port stood on (its pool, its verbs), after the port itself was closed. Also after a failed open. */
    default void free() {}
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** Workers wait here for completions. */
  private final Condition landed = lock.newCondition();

  private final HandOver handOver;
  private final SharedOperations operations;
  private final PortOwner owner;
  private boolean stopped;

  /**
   * Opens a shared port.
   *
   * @param name of the owner's thread
   * @param queue most completions that wait for workers, 1 to 65,536
   * @param limits how many operations may be in flight, and the owner's batch
   */
  public static SharedPort open(String name, int queue, Limits limits, Foundation foundation)
      throws OsException {
    if (queue < 1 || queue > 65_536) {
      throw new IllegalArgumentException(
          "queue of " + queue + " completions is outside 1 to 65536");
    }
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(foundation, "foundation");
    SharedPort port = new SharedPort(name, queue, limits, foundation);
    port.owner.start();
    return port;
  }

  private SharedPort(String name, int queue, Limits limits, Foundation foundation) {
    handOver = new HandOver(queue);
    operations = new SharedOperations(limits.operations());
    owner =
        new PortOwner(name, limits.batchEvents(), lock, handOver, operations, foundation,
            landed::signal, this::stopLocked);
  }

  /**
   * Takes completions, or waits for them. The batch is the caller's own, not for several threads.
   *
   * @param out is emptied and filled; its capacity bounds the batch, and 1 takes exactly one. A large batch leaves the others
   *     nothing to do: see {@code docs/PERFORMANCE.md}
   * @param timeoutNanos 0 looks only, {@link CompletionPort#FOREVER} waits without end
   * @return completions in the batch; 0 after the time; {@link #STOPPED} after {@link #stop}
   */
  public int take(Completions out, long timeoutNanos) throws InterruptedException {
    Objects.requireNonNull(out, "out").clear();
    lock.lockInterruptibly();
    try {
      long left = timeoutNanos;
      while (handOver.size() == 0 && !stopped) {
        if (timeoutNanos < 0) {
          landed.await();
        } else if (left <= 0) {
          return 0;
        } else {
          left = landed.awaitNanos(left);
        }
      }
      return stopped ? STOPPED : moveTo(out);
    } finally {
      lock.unlock();
    }
  }

  private int moveTo(Completions out) {
    while (handOver.size() > 0 && !out.isFull()) {
      handOver.moveTo(out, operations);
    }
    if (handOver.size() > 0) {
      // Each worker wakes the next if it leaves something: nobody is woken for what a batch has taken already.
      landed.signal();
    }
    owner.taken();
    return out.count();
  }

  /**
   * Makes a socket of the process known to the port below, for the rest of its life. Waits for the owner's next turn, which never
   * waits for a worker.
   *
   * @return the handle (above zero), or an error; {@link ErrorCode#CANCELLED} after {@link #stop}
   */
  public long adopt(long socket) {
    return owner.ask(port -> port.adopt(socket));
  }

  /** The socket of the process behind a handle, or −1 if there is none; waits as {@link #adopt} does. */
  public long socket(long handle) {
    return owner.ask(port -> port.socket(handle));
  }

  /** See {@link CompletionPort#accept}. */
  public long accept(long listener, int flags, long token) {
    return submit(Operation.ACCEPT, listener, token, flags, 0, null, null);
  }

  /** See {@link CompletionPort#connect}. */
  public long connect(long handle, Address peer, long token) {
    SubmitCheck.peer(peer);
    return submit(Operation.CONNECT, handle, token, 0, 0, peer, null);
  }

  /** See {@link CompletionPort#receive(long, int, long)}; {@link CompletionPort#REPEAT} is not granted. */
  public long receive(long handle, int flags, long token) {
    return submit(Operation.RECEIVE, handle, token, flags & ~CompletionPort.REPEAT, 0, null, null);
  }

  /** See {@link CompletionPort#receive(long, Buffer, long)}. */
  public long receive(long handle, Buffer into, long token) {
    SubmitCheck.room(into);
    return submit(Operation.RECEIVE, handle, token, 0, 0, null, into);
  }

  /** See {@link CompletionPort#send}. */
  public long send(long handle, Buffer from, long token) {
    return submit(Operation.SEND, handle, token, 0, 0, null, Objects.requireNonNull(from, "from"));
  }

  /** See {@link CompletionPort#sendAll}. */
  public long sendAll(long handle, Buffer[] from, int count, long token) {
    SubmitCheck.gather(from, count);
    lock.lock();
    try {
      if (isRefusing()) {
        return refusal();
      }
      Custody.giveAll(from, count, Custody.SEND);
      SharedOperation operation = operations.take(Operation.SEND, handle, token);
      operation.hold(from, count, Custody.SEND);
      return queue(operation);
    } finally {
      lock.unlock();
    }
  }

  /** See {@link CompletionPort#option}. */
  public long option(long handle, int level, int name, Buffer value, long token) {
    return submit(
        Operation.OPTION, handle, token, level, name, null,
        Objects.requireNonNull(value, "value"));
  }

  /** See {@link CompletionPort#shutdownOutput}. */
  public long shutdownOutput(long handle, long token) {
    return submit(Operation.SHUTDOWN, handle, token, 0, 0, null, null);
  }

  /**
   * Closes the handle. While an operation is in flight on it in the port below, the completion says {@link ErrorCode#BUSY} and
   * the handle lives on.
   */
  public long close(long handle, long token) {
    return submit(Operation.CLOSE, handle, token, 0, 0, null, null);
  }

  /**
   * Wishes an operation to end soon; see {@link CompletionPort#cancel}.
   *
   * @return false if the operation is over, its completion waits for a worker already, the wish was made before, or it is an option, a
   *     shutdown or a close, which go their way
   */
  public boolean cancel(long operation) {
    lock.lock();
    try {
      SharedOperation found = stopped ? null : operations.find(operation);
      if (found == null || !found.canBeCancelled()) {
        return false;
      }
      switch (found.state) {
        case QUEUED -> {
          found.state = SharedOperation.State.WITHDRAWN;
          return true;
        }
        case STARTED -> {
          return owner.wishToCancel(found);
        }
        default -> {
          return false;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts a completion of kind {@link Operation#POST} into the port. One post wakes one worker.
   *
   * @return false if too many posts wait already, or after {@link #stop}; nothing was taken
   */
  public boolean post(long token, int value) {
    lock.lock();
    try {
      return !stopped && owner.post(token, value);
    } finally {
      lock.unlock();
    }
  }

  /** Bits of {@link CompletionPort#abilities} of the port below. */
  public int abilities() {
    return owner.abilities();
  }

  /** Operations in flight, those whose completion waits for a worker included. */
  public int inFlight() {
    lock.lock();
    try {
      return operations.inFlight();
    } finally {
      lock.unlock();
    }
  }

  /** Completions that wait for workers now. */
  public int waiting() {
    lock.lock();
    try {
      return handOver.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends every {@link #take}, those that wait and those to come, and closes the port below: what is in flight is cancelled, every
   * handle closed, every buffer that no worker has is released, completions not taken are lost. Returns at once; {@link #close}
   * waits for it.
   */
  public void stop() {
    lock.lock();
    try {
      stopLocked();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Stops, frees what the port stood on and waits until the owner's thread has ended. Call it when the workers have ended and
   * have released the buffers that they took, else the pool cannot be freed.
   *
   * @throws IllegalStateException if the owner's thread failed, with the cause: a leak of the pool, or an error of the port
   */
  @Override
  public void close() {
    stop();
    owner.end();
  }

  private void stopLocked() {
    stopped = true;
    landed.signalAll();
    owner.stop();
  }

  private long submit(
      Operation kind,
      long handle,
      long token,
      int flags,
      int name,
      @Nullable Address peer,
      @Nullable Buffer buffer) {
    lock.lock();
    try {
      if (isRefusing()) {
        return refusal();
      }
      if (buffer != null) {
        Custody.give(buffer, custody(kind));
      }
      SharedOperation operation = operations.take(kind, handle, token);
      operation.flags = flags;
      operation.name = name;
      operation.peer = peer;
      if (buffer != null) {
        operation.hold(buffer, custody(kind));
      }
      return queue(operation);
    } finally {
      lock.unlock();
    }
  }

  private long queue(SharedOperation operation) {
    operations.queue(operation);
    owner.wake();
    return operation.id();
  }

  private boolean isRefusing() {
    return stopped || operations.isFull();
  }

  private int refusal() {
    return stopped ? ErrorCode.CANCELLED : ErrorCode.BUSY;
  }

  private static byte custody(Operation kind) {
    return switch (kind) {
      case RECEIVE -> Custody.RECEIVE;
      case OPTION -> Custody.OPTION;
      default -> Custody.SEND;
    };
  }
}
