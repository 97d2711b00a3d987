package io.janus.socket.wake;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.linux.SysEventfd;
import io.janus.ffi.linux.Unistd;
import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends a wait from any thread: an eventfd(2) that the waiter watches edge-triggered. Each write is a new edge, so the counter is
 * never read and a wake costs one system call; several wakes before a wait cost one in all.
 */
public final class EventfdWaker {
  private static final int NONBLOCK_CLOEXEC = 0x80800;
  private static final int IDLE = 0;
  private static final int PENDING = 1;
  private static final int CLOSED = 2;

  private final int fd;

  /** PENDING from the first wake until the waiter takes it; writers are counted so that close can wait for them. */
  private final AtomicInteger state = new AtomicInteger(IDLE);

  private final AtomicInteger writing = new AtomicInteger();

  private EventfdWaker(int fd) {
    this.fd = fd;
  }

  /** Opens one. */
  public static EventfdWaker open(Errno errno) throws OsException {
    return new EventfdWaker(
        (int) OsException.check(
            "open an eventfd for wake-ups", SysEventfd.eventfd(errno, 0, NONBLOCK_CLOEXEC)));
  }

  /** What the waiter watches for readability. */
  public int fd() {
    return fd;
  }

  /** Any thread. */
  public void wake() {
    // What the caller wrote before must be visible before the state is read, or both sides could miss each other.
    VarHandle.fullFence();
    if (state.get() != IDLE) {
      return;
    }
    writing.incrementAndGet();
    try {
      if (state.compareAndSet(IDLE, PENDING)) {
        boolean written = false;
        try {
          written = write() >= 0;
        } finally {
          if (!written) {
            // There is no edge to take, so PENDING would stay and silence every later wake. CLOSED stays CLOSED.
            state.compareAndSet(PENDING, IDLE);
          }
        }
      }
    } finally {
      writing.decrementAndGet();
    }
  }

  /** The waiter's thread: takes the wake; one that comes after this will show in the next await. */
  public void taken() {
    state.compareAndSet(PENDING, IDLE);
  }

  /** The owner's thread: after this no other thread writes to the descriptor, so its number cannot hit a stranger. */
  public void close(Errno errno) {
    state.set(CLOSED);
    while (writing.get() != 0) {
      Thread.onSpinWait();
    }
    Unistd.close(errno, fd);
  }

  private int write() {
    // Memory of the call only: the waking thread may be any thread, also a virtual one.
    try (Arena scratch = Arena.ofConfined()) {
      var cells = scratch.allocate(Errno.BYTES, 8);
      var one = scratch.allocateFrom(JAVA_LONG, 1L);
      Errno errno = new Errno(cells);
      int result;
      do {
        result = Unistd.write(errno, fd, one, Long.BYTES);
      } while (result == ErrorCode.INTERRUPTED);
      return result;
    }
  }
}
