package io.janus.ffi.call;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * Where the calls of one thread leave errno. The linker saves it there before the JVM's own calls can change it; it is
 * never read by a second call.
 */
public final class Errno {
  static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
  private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
  private static final long ERRNO_AT = LAYOUT.byteOffset(PathElement.groupElement("errno"));

  /** Bytes of native memory that one cell takes. */
  public static final long BYTES = LAYOUT.byteSize();

  private final MemorySegment state;
  private final Thread owner = Thread.currentThread();
  private boolean closed;

  /**
   * @param state at least {@link #BYTES} bytes of native memory, for the calling thread; it must stay mapped until {@link
   *     #close}
   */
  public Errno(MemorySegment state) {
    this.state = state.asSlice(0, BYTES);
  }

  /**
   * The segment that linked handles take as their first argument. Every call passes here, so this is where a use after close
   * and a use from another thread end as an exception instead of a crashed JVM.
   *
   * @throws IllegalStateException after {@link #close} or on another thread
   */
  public MemorySegment state() {
    if (closed || Thread.currentThread() != owner) {
      throw misuse();
    }
    return state;
  }

  /** Says that the memory is about to be unmapped. */
  public void close() {
    closed = true;
  }

  private IllegalStateException misuse() {
    return new IllegalStateException(
        closed
            ? "used after it was closed"
            : "it belongs to thread \"" + owner.getName() + "\" and was used by \""
                + Thread.currentThread().getName() + "\"");
  }

  /** Turns "−1, see errno" into the kernel's own form: zero or more is a result, less is −errno. */
  public int orNegative(int result) {
    return result >= 0 ? result : -state.get(JAVA_INT, ERRNO_AT);
  }

  /** The same for calls that return a size. */
  public int orNegative(long result) {
    return result >= 0 ? (int) result : -state.get(JAVA_INT, ERRNO_AT);
  }

  /** Stores an errno as the linker would; for injected faults. */
  void set(int errno) {
    state.set(JAVA_INT, ERRNO_AT, errno);
  }
}
