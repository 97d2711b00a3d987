package io.janus.readiness.afd;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.windows.AfdDevice;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.Ioapiset;
import io.janus.ffi.windows.OverlappedEntry;
import io.janus.ffi.windows.PortWaker;
import io.janus.ffi.windows.WinError;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Readiness on Windows: the driver below all sockets is asked to tell when one is ready, and tells it through a completion port.
 * {@code docs/AFD.md} lists the traps and where each is handled.
 */
public final class AfdPoller implements Poller {
  private static final long POLL_KEY = 1;
  private static final long WAKE_KEY = 2;
  private static final long ERRNO_BYTES = 64;
  private static final long SCRATCH_BYTES = 64;
  private static final long COUNT_AT = ERRNO_BYTES + 32;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** How long a wait may be while a poll that the system had no memory for is to be tried again. */
  private static final int RETRY_MILLIS = 16;

  /** How often and how long close waits for polls to come back; they are cancelled, so they come at once. */
  private static final int CLOSE_WAITS = 10;

  private static final int CLOSE_WAIT_MILLIS = 1_000;

  private final Thread owner = Thread.currentThread();
  private final int batch;
  private final Counters counters;
  private final MemorySegment memory;
  private final Errno errno;
  private final MemorySegment scratch;
  private final MemorySegment count;
  private final MemorySegment entries;
  private final long port;
  private final PortWaker waker;
  private final AfdHandles handles;
  private final AfdTable table;

  /** Registrations to be armed again before the next wait; each at most once. */
  private AfdRegistration[] list = new AfdRegistration[16];

  private int listed;
  private volatile boolean closed;

  private AfdPoller(int batch, Counters counters) throws OsException {
    this.batch = batch;
    this.counters = counters;
    memory = NativeMemory.map(ERRNO_BYTES + SCRATCH_BYTES + batch * OverlappedEntry.BYTES);
    errno = new Errno(memory);
    scratch = memory.asSlice(ERRNO_BYTES, 32);
    count = memory.asSlice(COUNT_AT, Integer.BYTES);
    entries = memory.asSlice(ERRNO_BYTES + SCRATCH_BYTES);
    long opened = -1;
    AfdHandles openedHandles = null;
    try {
      opened = OsException.check("open a completion port",
          Ioapiset.createIoCompletionPort(errno, Ioapiset.NO_FILE, 0, 0, 1));
      openedHandles = new AfdHandles(opened, POLL_KEY);
      OsException.check("open the AFD device", openedHandles.reach(errno, 0));
    } catch (OsException | RuntimeException | Error e) {
      release(opened, openedHandles, true);
      throw e;
    }
    port = opened;
    handles = openedHandles;
    table = new AfdTable(handles);
    waker = new PortWaker(port, WAKE_KEY);
  }

  /**
   * Opens a poller for the calling thread.
   *
   * @param batch most packets of one GetQueuedCompletionStatusEx, 1 to 65,536
   * @param counters counts the system calls; of the same thread
   */
  public static AfdPoller open(int batch, Counters counters) throws OsException {
    if (batch < 1 || batch > 65_536) {
      throw new IllegalArgumentException("batch of " + batch + " events is outside 1 to 65536");
    }
    return new AfdPoller(batch, counters);
  }

  @Override
  public long add(long socket, int interest, Trigger trigger, long token) {
    Interest.check(interest);
    errno.state(); // Refuses another thread, and a use after close, before anything is taken.
    if (Objects.requireNonNull(trigger, "trigger") == Trigger.EDGE) {
      return ErrorCode.NOT_SUPPORTED;
    }
    counters.increment(Counter.CONTROL_CALLS);
    long base = AfdDevice.baseSocket(errno, socket, scratch);
    if (base < 0) {
      return base;
    }
    int room = table.contains(socket) ? ErrorCode.INVALID : table.reach(errno);
    if (room < 0) {
      return room;
    }
    AfdRegistration registration = table.begin(socket, base, token);
    long id = registration.id();
    int answer = AfdState.add(registration.state, interest, trigger == Trigger.ONESHOT);
    registration.state = AfdState.state(answer);
    int result = (answer & AfdState.SUBMIT) != 0 ? submit(registration) : 0;
    if (result < 0) {
      table.end(registration);
      return result;
    }
    registration.unlock();
    return id;
  }

  @Override
  public int change(long registration, int interest) {
    Interest.check(interest);
    AfdRegistration found = table.find(registration);
    if (found == null || closed || !found.lock(registration)) {
      return ErrorCode.NOT_FOUND;
    }
    int before = found.state;
    boolean changed = false;
    try {
      if ((before & AfdState.REMOVED) != 0) {
        return ErrorCode.NOT_FOUND;
      }
      int answer = AfdState.change(before, interest);
      found.state = AfdState.state(answer);
      if ((answer & AfdState.CANCEL) != 0) {
        cancel(found);
      }
      int result = (answer & AfdState.SUBMIT) != 0 ? submit(found) : 0;
      changed = result >= 0;
      return result;
    } finally {
      if (!changed) {
        found.state = before;
      }
      found.unlock();
    }
  }

  @Override
  public boolean remove(long registration) {
    AfdRegistration found = table.find(registration);
    if (found == null || closed) {
      return true;
    }
    errno.state(); // Refuses another thread before the registration is ended.
    if (!found.lock(registration)) {
      return true;
    }
    if ((found.state & AfdState.REMOVED) != 0) {
      found.unlock();
      return false;
    }
    return takeBack(found);
  }

  @Override
  public int await(Ready out, long timeoutNanos) {
    Objects.requireNonNull(out, "out").clear();
    errno.state(); // Refuses another thread, and a use after close, before the list is touched.
    int want = Math.min(batch, out.capacity());
    long start = timeoutNanos > 0 ? System.nanoTime() : 0;
    long left = timeoutNanos;
    for (int looks = 1;; looks++) {
      int wait = rearm() ? millis(left) : Math.min(RETRY_MILLIS, millis(left));
      boolean woken = waker.takeOwed();
      int packets = dequeue(want, woken ? 0 : wait);
      for (int i = 0; i < packets; i++) {
        woken |= deliver(out, i);
      }
      woken |= waker.takeOwed();
      if (out.count() > 0 || woken) {
        return out.count();
      }
      // Packets that told nothing, such as those of cancelled polls, do not end a wait; a mere look looks once more.
      if (timeoutNanos > 0) {
        left = timeoutNanos - (System.nanoTime() - start);
      }
      if (timeoutNanos == 0 ? packets == 0 || looks == 2 : timeoutNanos > 0 && left <= 0) {
        return 0;
      }
    }
  }

  @Override
  public void wake() {
    waker.wake();
  }

  @Override
  public int abilities() {
    return 0;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    errno.state(); // Refuses another thread before anything is torn down.
    closed = true;
    waker.close();
    for (int slot = 0; slot < table.used(); slot++) {
      AfdRegistration registration = table.at(slot);
      if (registration.lock(registration.id())) {
        if ((registration.state & AfdState.REMOVED) == 0) {
          takeBack(registration);
        } else {
          registration.unlock();
        }
      }
    }
    release(port, handles, drain());
  }

  private void release(long openedPort, @Nullable AfdHandles openedHandles, boolean quiet) {
    if (openedHandles != null) {
      openedHandles.close(errno, quiet);
    }
    if (openedPort >= 0) {
      Handleapi.closeHandle(errno, openedPort);
    }
    errno.close();
    NativeMemory.unmap(memory);
  }

  /** Takes packets until no poll is out any more; false if one did not come back. */
  private boolean drain() {
    Ready lost = new Ready(batch);
    for (int waits = 0; table.size() > 0 && waits < CLOSE_WAITS;) {
      int packets = dequeue(batch, CLOSE_WAIT_MILLIS);
      waits += packets == 0 ? 1 : 0;
      lost.clear();
      for (int i = 0; i < packets; i++) {
        deliver(lost, i);
      }
    }
    return table.size() == 0;
  }

  /** Locked, and unlocks: ends the registration now, or cancels its poll, whose packet will end it. */
  private boolean takeBack(AfdRegistration registration) {
    int answer = AfdState.remove(registration.state);
    registration.state = AfdState.state(answer);
    if ((answer & AfdState.END) != 0) {
      table.end(registration);
      return true;
    }
    if ((answer & AfdState.CANCEL) != 0) {
      cancel(registration);
    }
    registration.unlock();
    return false;
  }

  /** Packets taken; 0 after a timeout. */
  private int dequeue(int most, int millis) {
    counters.increment(Counter.WAIT_CALLS);
    int packets =
        Ioapiset.getQueuedCompletionStatusEx(errno, port, entries, most, count, millis);
    if (packets < 0 && packets != -WinError.WAIT_TIMEOUT) {
      throw new IllegalStateException("GetQueuedCompletionStatusEx: " + OsError.of(packets));
    }
    return Math.max(0, packets);
  }

  /** Handles a packet, and tells whether it was a wake. */
  private boolean deliver(Ready out, int i) {
    if (OverlappedEntry.key(entries, i) == WAKE_KEY) {
      waker.taken();
      return true;
    }
    long id = OverlappedEntry.overlapped(entries, i);
    AfdRegistration registration = table.find(id);
    if (registration == null || !registration.lock(id)) {
      counters.increment(Counter.STALE_EVENTS);
    } else if (AfdState.poll(registration.state) == AfdState.IDLE) {
      counters.increment(Counter.STALE_EVENTS);
      registration.unlock();
    } else {
      answered(registration, out);
    }
    return false;
  }

  /** Locked, and unlocks: its poll has come back. */
  private void answered(AfdRegistration registration, Ready out) {
    int bits = registration.answer();
    int answer = AfdState.packet(registration.state, bits);
    registration.state = AfdState.state(answer);
    if ((answer & (AfdState.GONE | AfdState.END)) != 0) {
      if ((answer & AfdState.GONE) != 0) {
        out.put(registration.token, Ready.GONE);
      }
      table.end(registration);
      return;
    }
    if ((answer & AfdState.REPORT) != 0) {
      out.put(registration.token, AfdState.reported(registration.state, bits));
    }
    if ((answer & AfdState.LIST) != 0) {
      list(registration);
    }
    if ((answer & AfdState.SUBMIT) == 0 || submitAgain(registration)) {
      registration.unlock();
    }
  }

  /** Submits the polls of the list; false if some are still on it. */
  private boolean rearm() {
    int before = listed;
    listed = 0;
    for (int i = 0; i < before; i++) {
      AfdRegistration registration = list[i];
      if (registration.lock(registration.id())) {
        int answer = AfdState.rearm(registration.state);
        registration.state = AfdState.state(answer);
        if ((answer & AfdState.SUBMIT) == 0 || submitAgain(registration)) {
          registration.unlock();
        }
      } else {
        registration.state &= ~AfdState.LISTED;
      }
    }
    return listed == 0;
  }

  /** Locked: submits, or has it tried again later; false if the registration was ended instead. */
  private boolean submitAgain(AfdRegistration registration) {
    int result = submit(registration);
    if (result == -WinError.WSAENOTSOCK) {
      // Closed under the poller: as on epoll there is nothing left to report.
      table.end(registration);
      return false;
    }
    if (result < 0) {
      int answer = AfdState.refused(registration.state);
      registration.state = AfdState.state(answer);
      if ((answer & AfdState.LIST) != 0) {
        list(registration);
      }
    }
    return true;
  }

  private void list(AfdRegistration registration) {
    if (listed == list.length) {
      list = Arrays.copyOf(list, listed * 2);
    }
    list[listed++] = registration;
  }

  private int submit(AfdRegistration registration) {
    countCall();
    return registration.submit();
  }

  private void cancel(AfdRegistration registration) {
    countCall();
    registration.cancel();
  }

  /** The counters belong to the owner's thread. */
  private void countCall() {
    if (Thread.currentThread() == owner) {
      counters.increment(Counter.CONTROL_CALLS);
    }
  }

  /** Of one wait; await begins another one until its own time is over. */
  private static int millis(long nanos) {
    if (nanos < 0) {
      return PortWaker.LONGEST_WAIT_MILLIS;
    }
    // Rounded up: rounding down would make the last millisecond before a deadline a busy loop.
    long rounded = nanos + (NANOS_PER_MILLI - 1);
    return (int) Math.min(
        PortWaker.LONGEST_WAIT_MILLIS, (rounded < 0 ? nanos : rounded) / NANOS_PER_MILLI);
  }
}
