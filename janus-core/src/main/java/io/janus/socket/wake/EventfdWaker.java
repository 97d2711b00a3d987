package io.janus.socket.wake;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Waker;
import io.janus.ffi.linux.SysEventfd;
import io.janus.ffi.linux.Unistd;
import java.lang.foreign.Arena;

/**
 * Ends a wait from any thread: an eventfd(2) that the waiter watches edge-triggered. Each write is a new edge, so the counter is
 * never read and a wake costs one system call; several wakes before a wait cost one in all.
 */
public final class EventfdWaker extends Waker {
  private static final int NONBLOCK_CLOEXEC = 0x80800;

  private final int fd;

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

  /** The owner's thread: after this no other thread writes to the descriptor, so its number cannot hit a stranger. */
  public void close(Errno errno) {
    shut();
    Unistd.close(errno, fd);
  }

  @Override
  protected boolean signal() {
    // Memory of the call only: the waking thread may be any thread, also a virtual one.
    try (Arena scratch = Arena.ofConfined()) {
      var cells = scratch.allocate(Errno.BYTES, 8);
      var one = scratch.allocateFrom(JAVA_LONG, 1L);
      Errno errno = new Errno(cells);
      int result;
      do {
        result = Unistd.write(errno, fd, one, Long.BYTES);
      } while (result == ErrorCode.INTERRUPTED);
      return result >= 0;
    }
  }
}
