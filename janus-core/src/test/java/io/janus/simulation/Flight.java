package io.janus.simulation;

import io.janus.buffer.Buffer;
import io.janus.completion.Operation;
import io.janus.socket.Address;
import org.jspecify.annotations.Nullable;

/** The kernel's side of one operation in flight. */
final class Flight {
  final long id;
  final int slot;
  final Operation kind;
  final SimHandle handle;
  final boolean repeat;
  final boolean withPeer;

  /** The kernel is moving bytes: a cancel comes too late. */
  boolean moving;

  /** Asked to end: no further repetition. */
  boolean cancelled;

  /** The last completion is queued; the kernel has let go of all memory. */
  boolean ended;

  /** Bytes of a send that the kernel has taken so far. */
  int moved;

  /** The buffer that a receive is being written to. */
  @Nullable Buffer filling;

  Flight(long id, int slot, Operation kind, SimHandle handle, boolean repeat, boolean withPeer) {
    this.id = id;
    this.slot = slot;
    this.kind = kind;
    this.handle = handle;
    this.repeat = repeat;
    this.withPeer = withPeer;
  }

  /** A completion on its way from the kernel to await. */
  record Arrival(
      long id,
      int result,
      boolean more,
      long handle,
      @Nullable Buffer buffer,
      @Nullable Address peer,
      boolean echo) {}
}
