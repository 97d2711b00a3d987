package io.janus.readiness.afd;

import io.janus.ffi.windows.AfdDevice;
import io.janus.ffi.windows.AfdPollInfo;
import io.janus.ffi.windows.IoStatusBlock;
import io.janus.ffi.windows.NtStatus;
import io.janus.ffi.windows.Winternl;
import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What the device knows of one socket: at most one poll, its memory and its {@link AfdState}.
 *
 * <p>The lock word is {@code generation << 2 | LIVE | LOCKED}. Whoever changes the state holds LOCKED, taken by one compare-and-set
 * against the generation he was given: any thread that changes the interest, and the owner for each packet. So a change can never
 * reach a poll of the slot's next user, and a poll that another thread has just submitted is not handled before that thread has
 * written down that it did. The lock is held for one call of the system at most.
 *
 * <p>The object, its part of the slab and its handle stay with the slot for ever and serve one registration after another.
 */
final class AfdRegistration {
  /** Bytes of a slot in the slab: one cache line, so that the kernel's writes for two sockets do not meet. */
  static final int BYTES = 64;

  private static final int INFO_AT = 16;
  private static final int CANCEL_AT = 48;

  private static final int ALWAYS =
      AfdPollInfo.ABORT | AfdPollInfo.CONNECT_FAIL | AfdPollInfo.LOCAL_CLOSE;

  private static final int LOCKED = 1;
  private static final int LIVE = 2;
  private static final int GENERATION_SHIFT = 2;
  private static final int GENERATION_MASK = 0x3fff_ffff;
  private static final int SPINS = 200;
  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(AfdRegistration.class, "word", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int slot;
  private final long device;
  private final MemorySegment slab;
  private final long at;
  private int word = 1 << GENERATION_SHIFT;

  /** The socket as its user knows it, and as the device does. */
  long socket;
  private long base;

  long token;

  /** Of {@link AfdState}; while locked, or by the owner's thread while no registration lives here. */
  int state;

  /** The next free slot while this one is free. */
  int nextFree;

  /**
   * @param device asks the polls of this slot
   * @param slab holds {@link #BYTES} bytes for this slot, which stay the device's while a poll is out
   */
  AfdRegistration(int slot, long device, MemorySegment slab, long at) {
    this.slot = slot;
    this.device = device;
    this.slab = slab;
    this.at = at;
  }

  /** Begins a registration, locked; the owner's thread, on a free slot. */
  void begin(long newSocket, long newBase, long newToken) {
    socket = newSocket;
    base = newBase;
    token = newToken;
    WORD.setRelease(this, word | LIVE | LOCKED);
  }

  /** The name of the registration outside, and of its poll in the packet: slot | generation << 32, always above zero. */
  long id() {
    return slot | (long) (word >>> GENERATION_SHIFT) << 32;
  }

  /** Any thread; false if the registration is gone. */
  boolean lock(long id) {
    int live = ((int) (id >>> 32) & GENERATION_MASK) << GENERATION_SHIFT | LIVE;
    for (int tries = 0; !WORD.compareAndSet(this, live, live | LOCKED); tries++) {
      if (((int) WORD.getVolatile(this) & ~LOCKED) != live) {
        return false;
      }
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        // The holder is inside a system call, or has no processor: it may need this one.
        Thread.yield();
      }
    }
    return true;
  }

  /** Whoever has locked it. */
  void unlock() {
    WORD.setRelease(this, word & ~LOCKED);
  }

  /** The owner's thread, locked and without a poll: the registration is over and the slot is free. */
  void end() {
    int generation = word >>> GENERATION_SHIFT;
    int next = generation == GENERATION_MASK ? 1 : generation + 1;
    WORD.setRelease(this, next << GENERATION_SHIFT);
  }

  /**
   * Locked: asks the device for what the state says.
   *
   * @return 0, and a packet will come; or the negative error, and none will
   */
  int submit() {
    IoStatusBlock.setPending(slab, at);
    AfdPollInfo.set(slab, at + INFO_AT, base, events(AfdState.asked(state)));
    return Math.min(0, AfdDevice.poll(device, id(), slab, at, at + INFO_AT));
  }

  /** Locked: wishes the poll back. If it has ended already its packet is on the way, which is all that is wanted. */
  void cancel() {
    Winternl.ntCancelIoFileEx(device, slab, at, at + CANCEL_AT);
  }

  /** Locked, after its packet: what the poll says, for {@link AfdState#packet}. */
  int answer() {
    int status = IoStatusBlock.status(slab, at);
    if (status == NtStatus.CANCELLED || status == NtStatus.HANDLES_CLOSED) {
      return 0;
    }
    return status < 0 ? Ready.ERROR | Ready.READ | Ready.WRITE
        : bits(AfdPollInfo.events(slab, at + INFO_AT));
  }

  /** What to ask the device for. Without DISCONNECT a poll for bytes would never hear of the peer's end. */
  static int events(int interest) {
    int events = ALWAYS;
    if ((interest & Interest.READ) != 0) {
      events |= AfdPollInfo.RECEIVE | AfdPollInfo.ACCEPT | AfdPollInfo.DISCONNECT;
    }
    if ((interest & Interest.WRITE) != 0) {
      events |= AfdPollInfo.SEND;
    }
    if ((interest & Interest.URGENT) != 0) {
      events |= AfdPollInfo.RECEIVE_EXPEDITED;
    }
    return events;
  }

  /** What the device's events mean, the same as epoll would say where it can. */
  static int bits(int events) {
    int bits = 0;
    if ((events & (AfdPollInfo.RECEIVE | AfdPollInfo.ACCEPT)) != 0) {
      bits |= Ready.READ;
    }
    if ((events & AfdPollInfo.SEND) != 0) {
      bits |= Ready.WRITE;
    }
    if ((events & AfdPollInfo.RECEIVE_EXPEDITED) != 0) {
      bits |= Ready.URGENT;
    }
    if ((events & AfdPollInfo.DISCONNECT) != 0) {
      bits |= Ready.READ | Ready.FIN;
    }
    if ((events & AfdPollInfo.ABORT) != 0) {
      bits |= Ready.ERROR | Ready.READ | Ready.WRITE | Ready.FIN;
    }
    if ((events & AfdPollInfo.CONNECT_FAIL) != 0) {
      bits |= Ready.ERROR | Ready.READ | Ready.WRITE;
    }
    if ((events & AfdPollInfo.LOCAL_CLOSE) != 0) {
      bits |= AfdState.CLOSED;
    }
    return bits;
  }
}
