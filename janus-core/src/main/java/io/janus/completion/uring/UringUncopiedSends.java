package io.janus.completion.uring;

import io.janus.ffi.ErrorCode;
import io.janus.limit.SlotArray;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Which sends are not copied into the kernel, and what is known of those in flight, by the slots of their operations. */
final class UringUncopiedSends {
  /** Sends of so many bytes and more are not copied. */
  private final int leastBytes;

  private final SlotArray<UringUncopiedSend> known = new SlotArray<>();

  /** Objects of sends that are over, for the next ones. */
  private final ArrayDeque<UringUncopiedSend> spare = new ArrayDeque<>();

  /**
   * @param leastBytes 0 = every send is copied
   */
  UringUncopiedSends(int leastBytes) {
    this.leastBytes = leastBytes == 0 ? Integer.MAX_VALUE : leastBytes;
  }

  boolean copiesNothing() {
    return leastBytes < Integer.MAX_VALUE;
  }

  /**
   * A send begins.
   *
   * @return what is known of it; null if it is copied like any other
   */
  @Nullable
  UringUncopiedSend begin(UringHandle handle, int slot, long bytes) {
    if (bytes < leastBytes || handle.copiesAll) {
      return null;
    }
    while (slot >= known.length()) {
      known.grow();
    }
    UringUncopiedSend send = spare.isEmpty() ? new UringUncopiedSend() : spare.pop();
    send.begin(bytes);
    known.set(slot, send);
    return send;
  }

  /** What is known of the operation in a slot; null if it is no send, or was copied from the beginning. */
  @Nullable
  UringUncopiedSend find(int slot) {
    return slot < known.length() ? known.get(slot) : null;
  }

  /** True if the next entry of a send is not copied: a small rest is not worth it. */
  boolean isUncopied(@Nullable UringUncopiedSend send) {
    return send != null && !send.copies && send.left >= leastBytes;
  }

  /** Its last completion goes out. */
  void end(int slot) {
    spare.push(known.get(slot));
    known.clear(slot);
  }

  /**
   * True for the errors of an uncopied send that a copied one does not have: a socket that knows no other, such as a Unix one, or too
   * much memory pinned by this user.
   */
  static boolean isOfUncopied(int result) {
    return result == ErrorCode.NOT_SUPPORTED || result == ErrorCode.NO_BUFFER
        || result == ErrorCode.NO_MEMORY;
  }
}
