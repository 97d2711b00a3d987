package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** sys/epoll.h, call for call. */
public final class SysEpoll {
  private static final MethodHandle EPOLL_CREATE1 =
      Native.call("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle EPOLL_CTL = Native.call("epoll_ctl",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle EPOLL_WAIT = Native.call("epoll_wait",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));

  private SysEpoll() {}

  /** epoll_create1(2). */
  public static int create(Errno errno, int flags) {
    try {
      return errno.orNegative((int) EPOLL_CREATE1.invokeExact(errno.state(), flags));
    } catch (Throwable bug) {
      throw Native.bug("epoll_create1", bug);
    }
  }

  /** epoll_ctl(2); {@code event} is one {@link EpollEvent}. */
  public static int ctl(Errno errno, int epfd, int operation, int fd, MemorySegment event) {
    try {
      return errno.orNegative((int) EPOLL_CTL.invokeExact(errno.state(), epfd, operation, fd,
          Native.address(event, 0, EpollEvent.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("epoll_ctl", bug);
    }
  }

  /** epoll_wait(2); −1 millis waits for ever. */
  public static int await(Errno errno, int epfd, MemorySegment events, int capacity, int millis) {
    try {
      return errno.orNegative((int) EPOLL_WAIT.invokeExact(errno.state(), epfd,
          Native.address(events, 0, capacity * EpollEvent.BYTES), capacity, millis));
    } catch (Throwable bug) {
      throw Native.bug("epoll_wait", bug);
    }
  }
}
