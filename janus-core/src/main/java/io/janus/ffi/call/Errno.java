package io.janus.ffi.call;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * Where the calls of one thread leave their error: errno on Linux; on Windows what GetLastError or WSAGetLastError would say.
 * The linker saves it there before the JVM's own calls can change it; it is never read by a second call.
 *
 * <p>Linux functions say "−1, see errno"; the functions of Windows have five ways to say the same, and there is a method for
 * each. All turn it into one form: zero or more is a result, less is the negative error number of the system.
 */
public final class Errno {
  static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
  private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
  private static final long ERRNO_AT = offset("errno");

  /** In the place of an error that is none: WSASYSCALLFAILURE, or EIO. */
  private static final int NO_REASON = SystemName.WINDOWS ? 10107 : 5;

  // The JVM knows these two names on Windows only, and fills the one that a function was linked with.
  private static final long LAST_ERROR_AT = SystemName.WINDOWS ? offset("GetLastError") : ERRNO_AT;
  private static final long SOCKET_ERROR_AT =
      SystemName.WINDOWS ? offset("WSAGetLastError") : ERRNO_AT;

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
    return result >= 0 ? result : failure(ERRNO_AT);
  }

  /** The same for calls that return a size. */
  public int orNegative(long result) {
    return result >= 0 ? (int) result : failure(ERRNO_AT);
  }

  /** Windows, "SOCKET_ERROR, see WSAGetLastError": the result, or the negative error. */
  public int socketResult(int result) {
    return result >= 0 ? result : failure(SOCKET_ERROR_AT);
  }

  /** Windows, "INVALID_SOCKET, see WSAGetLastError": the socket, or the negative error. */
  public long socketHandle(long socket) {
    return socket != -1 ? socket : failure(SOCKET_ERROR_AT);
  }

  /** Windows, "FALSE, see WSAGetLastError": 0 for TRUE, or the negative error. */
  public int socketTrue(int bool) {
    return bool != 0 ? 0 : failure(SOCKET_ERROR_AT);
  }

  /** Windows, "FALSE, see GetLastError": 0 for TRUE, or the negative error. */
  public int isTrue(int bool) {
    return bool != 0 ? 0 : failure(LAST_ERROR_AT);
  }

  /** Windows, "NULL, see GetLastError": the handle or address, or the negative error. */
  public long notNull(long value) {
    return value != 0 ? value : failure(LAST_ERROR_AT);
  }

  /**
   * The negative error of a call that has failed. A layer of another program between Windows Sockets and the system may leave none, or a
   * number of its own; negated as it is that would read as a success, or as a socket.
   */
  private int failure(long at) {
    int error = state.get(JAVA_INT, at);
    return error > 0 ? -error : -NO_REASON;
  }

  /** Stores an error number as the linker would; for injected faults. */
  void set(int number) {
    state.set(JAVA_INT, ERRNO_AT, number);
    if (SystemName.WINDOWS) {
      state.set(JAVA_INT, LAST_ERROR_AT, number);
      state.set(JAVA_INT, SOCKET_ERROR_AT, number);
    }
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(PathElement.groupElement(name));
  }
}
