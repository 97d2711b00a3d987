package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A watch on the eventfd that wakes the port. That one is real, so it is asked by read(2); the counter that it gives is what was written
 * since the last edge.
 */
final class SimWaker {
  private static final MethodHandle READ =
      Native.call("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private boolean raised;

  /** True if there was an edge that was not told yet. */
  boolean isRaised(int eventfd) {
    raised = raised || isWritten(eventfd);
    return raised;
  }

  /** The edge is told. */
  void lower() {
    raised = false;
  }

  private static boolean isWritten(int eventfd) {
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      MemorySegment counter = scratch.allocate(JAVA_LONG);
      return (long) READ.invokeExact(errno.state(), eventfd, counter.address(), 8L) == 8L;
    } catch (Throwable bug) {
      throw Native.bug("read", bug);
    }
  }
}
