package io.janus.readiness.epoll;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.linux.Epoll;
import io.janus.ffi.linux.EpollEvent;
import io.janus.ffi.linux.SysEpoll;
import io.janus.ffi.linux.Unistd;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.wake.EventfdWaker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Readiness by epoll(7). {@code docs/EPOLL.md} lists the kernel's traps and where each is handled. */
public final class EpollPoller implements Poller {
  private static final long WAKER = 0;
  private static final long ERRNO_BYTES = 64;
  private static final long CHANGE_BYTES = 64;
  private static final int NO_SLOT = -1;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Thread owner = Thread.currentThread();
  private final int batch;
  private final Counters counters;
  private final MemorySegment memory;
  private final Errno errno;
  private final MemorySegment changeEvent;
  private final MemorySegment events;
  private final int epfd;
  private final EventfdWaker waker;

  /** Grown by the owner, read by any thread that changes an interest; registrations never move. */
  private volatile EpollRegistration[] slots = new EpollRegistration[0];

  private int freeSlot = NO_SLOT;

  /** Slots that were ever used; those behind have no object yet. */
  private int used;
  private volatile boolean closed;

  private EpollPoller(int batch, Counters counters) throws OsException {
    this.batch = batch;
    this.counters = counters;
    memory = NativeMemory.map(ERRNO_BYTES + CHANGE_BYTES + batch * EpollEvent.BYTES);
    errno = new Errno(memory);
    changeEvent = memory.asSlice(ERRNO_BYTES, EpollEvent.BYTES);
    events = memory.asSlice(ERRNO_BYTES + CHANGE_BYTES);
    int opened = -1;
    EventfdWaker openedWaker = null;
    try {
      opened =
          (int) OsException.check("open an epoll instance", SysEpoll.create(errno, Epoll.CLOEXEC));
      openedWaker = EventfdWaker.open(errno);
      EpollEvent.set(changeEvent, Epoll.IN | Epoll.ET, WAKER);
      OsException.check(
          "register the wake-up eventfd",
          SysEpoll.ctl(errno, opened, Epoll.CTL_ADD, openedWaker.fd(), changeEvent));
    } catch (OsException | RuntimeException | Error e) {
      release(opened, openedWaker);
      throw e;
    }
    epfd = opened;
    waker = openedWaker;
  }

  /**
   * Opens a poller for the calling thread.
   *
   * @param batch most events of one epoll_wait, 1 to 65,536
   * @param counters counts the system calls; of the same thread
   */
  public static EpollPoller open(int batch, Counters counters) throws OsException {
    if (batch < 1 || batch > 65_536) {
      throw new IllegalArgumentException("batch of " + batch + " events is outside 1 to 65536");
    }
    return new EpollPoller(batch, counters);
  }

  @Override
  public long add(long socket, int interest, Trigger trigger, long token) {
    Interest.check(interest);
    Objects.requireNonNull(trigger, "trigger");
    errno.state(); // Refuses another thread, and a use after close, before anything is taken.
    if (socket != (int) socket) {
      return ErrorCode.INVALID;
    }
    EpollRegistration registration = takeSlot();
    registration.begin((int) socket, interest, trigger, token);
    long id = registration.id();
    EpollEvent.set(changeEvent, bits(interest, trigger), id);
    counters.increment(Counter.CONTROL_CALLS);
    int result = SysEpoll.ctl(errno, epfd, Epoll.CTL_ADD, (int) socket, changeEvent);
    if (result < 0) {
      registration.end(id);
      giveSlot(registration, id);
      return result;
    }
    return id;
  }

  @Override
  public int change(long registration, int interest) {
    Interest.check(interest);
    EpollRegistration found = find(registration);
    if (found == null || closed || !found.beginChange(registration)) {
      return ErrorCode.NOT_FOUND;
    }
    int before = found.interest;
    boolean changed = false;
    try {
      int bits = bits(interest, found.trigger);
      // Stored first: an event of the new interest may come before the kernel's call has returned.
      found.interest = interest;
      int result = changeInKernel(found.fd, bits, registration);
      changed = result >= 0;
      return result;
    } finally {
      if (!changed) {
        // The kernel still reports the old interest; NONE in its place would swallow those events.
        found.interest = before;
      }
      found.endChange();
    }
  }

  @Override
  public boolean remove(long registration) {
    EpollRegistration found = find(registration);
    if (found == null || closed) {
      return true;
    }
    errno.state(); // Refuses another thread before the registration is ended.
    if (found.end(registration)) {
      // Removed before close, because a duplicated or inherited descriptor would keep the registration alive.
      counters.increment(Counter.CONTROL_CALLS);
      SysEpoll.ctl(errno, epfd, Epoll.CTL_DEL, found.fd, changeEvent);
      giveSlot(found, registration);
    }
    return true;
  }

  @Override
  public int await(Ready out, long timeoutNanos) {
    Objects.requireNonNull(out, "out").clear();
    int want = Math.min(batch, out.capacity());
    long deadline = timeoutNanos > 0 ? System.nanoTime() + timeoutNanos : 0;
    counters.increment(Counter.WAIT_CALLS);
    int count = SysEpoll.await(errno, epfd, events, want, millis(timeoutNanos));
    while (count == ErrorCode.INTERRUPTED) {
      long left = timeoutNanos > 0 ? Math.max(0, deadline - System.nanoTime()) : timeoutNanos;
      counters.increment(Counter.WAIT_CALLS);
      count = SysEpoll.await(errno, epfd, events, want, millis(left));
    }
    if (count < 0) {
      throw new IllegalStateException("epoll_wait: " + OsError.of(count));
    }
    for (int i = 0; i < count; i++) {
      deliver(out, EpollEvent.data(events, i), EpollEvent.events(events, i));
    }
    return out.count();
  }

  @Override
  public void wake() {
    waker.wake();
  }

  @Override
  public int abilities() {
    return EDGE | ANY_DESCRIPTOR | FIN_EARLY;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    errno.state(); // Refuses another thread before anything is torn down.
    closed = true;
    endAllRegistrations();
    release(epfd, waker);
  }

  private void release(int openedEpfd, @Nullable EventfdWaker openedWaker) {
    if (openedWaker != null) {
      openedWaker.close(errno);
    }
    if (openedEpfd >= 0) {
      Unistd.close(errno, openedEpfd);
    }
    errno.close();
    NativeMemory.unmap(memory);
  }

  /** After this no change of another thread is inside epoll_ctl, so the epoll descriptor can be closed. */
  private void endAllRegistrations() {
    for (int slot = 0; slot < used; slot++) {
      slots[slot].end(slots[slot].id());
    }
  }

  private void deliver(Ready out, long id, int events) {
    if (id == WAKER) {
      waker.taken();
      return;
    }
    EpollRegistration registration = slots[(int) id];
    if (!registration.is(id)) {
      counters.increment(Counter.STALE_EVENTS);
      return;
    }
    if (registration.interest == Interest.NONE) {
      // The one shot of a reset while nothing was wanted; it shows again when the interest comes back.
      return;
    }
    out.put(registration.token, readyBits(events));
  }

  private static int readyBits(int events) {
    int ready = events & (Epoll.IN | Epoll.OUT);
    // IN is 1 as READ is; OUT is 4 and WRITE is 2, PRI is 2 and URGENT is 4.
    ready = (ready & Epoll.IN) | (ready & Epoll.OUT) >>> 1;
    if ((events & ~(Epoll.IN | Epoll.OUT)) != 0) {
      ready |= (events & Epoll.PRI) << 1;
      if ((events & Epoll.RDHUP) != 0) {
        ready |= Ready.FIN | Ready.READ;
      }
      if ((events & (Epoll.ERR | Epoll.HUP)) != 0) {
        ready |= Ready.ERROR | Ready.READ | Ready.WRITE;
      }
    }
    return ready;
  }

  private static int bits(int interest, Trigger trigger) {
    if (interest == Interest.NONE) {
      // The kernel reports HUP and ERR whatever was asked: under LEVEL that would spin after a reset. One shot, then quiet.
      return Epoll.ONESHOT;
    }
    int bits =
        (interest & Interest.READ)
            | (interest & Interest.WRITE) << 1
            | (interest & Interest.URGENT) >>> 1;
    if ((interest & Interest.READ) != 0) {
      bits |= Epoll.RDHUP;
    }
    return switch (trigger) {
      case LEVEL -> bits;
      case EDGE -> bits | Epoll.ET;
      case ONESHOT -> bits | Epoll.ONESHOT;
    };
  }

  private int changeInKernel(int fd, int bits, long id) {
    if (Thread.currentThread() != owner) {
      return modifyFromOutside(fd, bits, id);
    }
    counters.increment(Counter.CONTROL_CALLS);
    return modify(errno, changeEvent, fd, bits, id);
  }

  private int modify(Errno cell, MemorySegment event, int fd, int bits, long id) {
    EpollEvent.set(event, bits, id);
    return SysEpoll.ctl(cell, epfd, Epoll.CTL_MOD, fd, event);
  }

  private int modifyFromOutside(int fd, int bits, long id) {
    try (Arena scratch = Arena.ofConfined()) {
      Errno cell = new Errno(scratch.allocate(Errno.BYTES, 8));
      return modify(cell, scratch.allocate(EpollEvent.BYTES, 8), fd, bits, id);
    }
  }

  private static int millis(long nanos) {
    if (nanos <= 0) {
      return nanos < 0 ? -1 : 0;
    }
    // Rounded up: rounding down would make the last millisecond before a deadline a busy loop.
    long rounded = nanos + (NANOS_PER_MILLI - 1);
    return (int) Math.min(Integer.MAX_VALUE, (rounded < 0 ? nanos : rounded) / NANOS_PER_MILLI);
  }

  private @Nullable EpollRegistration find(long id) {
    EpollRegistration[] now = slots;
    int slot = (int) id;
    return id > 0 && slot >= 0 && slot < now.length ? now[slot] : null;
  }

  private EpollRegistration takeSlot() {
    EpollRegistration registration;
    if (freeSlot == NO_SLOT) {
      if (used == slots.length) {
        slots = Arrays.copyOf(slots, Math.max(16, used + (used >> 1)));
      }
      registration = new EpollRegistration(used);
      slots[used++] = registration;
    } else {
      registration = slots[freeSlot];
      freeSlot = registration.nextFree;
    }
    return registration;
  }

  private void giveSlot(EpollRegistration registration, long id) {
    registration.nextFree = freeSlot;
    freeSlot = (int) id;
  }
}
