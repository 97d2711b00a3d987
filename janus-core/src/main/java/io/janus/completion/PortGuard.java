package io.janus.completion;

/**
 * Keeps other threads out of a port, and everybody once it is being closed: what such a use touched could be another's by then, or
 * memory that is gone. For whoever implements a port; made on the thread that owns it.
 */
public final class PortGuard {
  private final Thread owner = Thread.currentThread();
  private boolean ended;

  /**
   * Every verb of a port but post, wake and close passes here first, so that a misuse takes nothing.
   *
   * @throws IllegalStateException on another thread, or after {@link #end}
   */
  public void check() {
    if (ended || Thread.currentThread() != owner) {
      throw misuse();
    }
  }

  /** The port's close begins: nothing else passes any more. A close that is repeated does. */
  public void end() {
    if (Thread.currentThread() != owner) {
      throw misuse();
    }
    ended = true;
  }

  private IllegalStateException misuse() {
    return new IllegalStateException(
        Thread.currentThread() == owner
            ? "the port was used after it was closed"
            : "the port belongs to thread \""
                + owner.getName()
                + "\" and was used by \""
                + Thread.currentThread().getName()
                + "\"; use post");
  }
}
