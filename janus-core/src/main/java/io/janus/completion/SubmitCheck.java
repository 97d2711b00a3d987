package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a caller of a port can do wrong in a submit or a wait, found before anything is taken. For whoever implements a port; any thread that may
 * submit.
 */
public final class SubmitCheck {
  private SubmitCheck() {}

  /**
   * A receive needs room, or its 0 bytes would look like the peer's end.
   *
   * @throws IllegalArgumentException if the buffer has none
   */
  public static void room(Buffer into) {
    if (Objects.requireNonNull(into, "into").writable() == 0) {
      throw new IllegalArgumentException(
          "the buffer of a receive has no writable room; clear it or raise its limit first");
    }
  }

  /**
   * A gathered send takes 1 to {@link Sockets#MAX_GATHER} buffers.
   *
   * @throws IllegalArgumentException if the number is another, or above that of the buffers
   * @throws NullPointerException if the array or one of the buffers is missing
   */
  public static void gather(Buffer[] from, int count) {
    Custody.checkGather(from, count, Sockets.MAX_GATHER);
  }

  /**
   * A send and an option call have a buffer.
   *
   * @param name of the caller's parameter
   * @throws NullPointerException if it is missing
   */
  public static void present(@Nullable Buffer buffer, String name) {
    Objects.requireNonNull(buffer, name);
  }

  /**
   * A wait has a batch to fill, which is emptied first.
   *
   * @throws NullPointerException if it is missing
   */
  public static void batch(@Nullable Completions out) {
    Objects.requireNonNull(out, "out").clear();
  }

  /**
   * A connect goes somewhere.
   *
   * @throws NullPointerException if the address is missing
   */
  public static void peer(@Nullable Address peer) {
    if (peer == null) {
      throw new NullPointerException("a connect needs the address of its peer");
    }
  }

  /**
   * A handle is closed only with nothing in flight on it.
   *
   * @throws IllegalStateException if something is
   */
  public static void idle(int inFlight) {
    if (inFlight > 0) {
      throw new IllegalStateException(
          "cannot close a handle with " + inFlight + (inFlight == 1 ? " operation" : " operations")
              + " in flight; cancel what is in flight and take its completion first");
    }
  }
}
