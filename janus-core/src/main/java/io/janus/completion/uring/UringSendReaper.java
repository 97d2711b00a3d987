package io.janus.completion.uring;

import io.janus.completion.Completions;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.linux.Uring;
import io.janus.limit.Counter;
import io.janus.limit.Counters;

/**
 * What the kernel says of sends. One that was not copied is told as soon as the socket has taken its bytes, by a completion with more to
 * come, so that the next send need not wait; its buffers come with its last completion, when the kernel has let all of its memory go.
 */
final class UringSendReaper {
  private final CompletionRing ring;
  private final UringUncopiedSends sends;
  private final UringLater later;
  private final UringDelivery delivery;
  private final OperationTable operations;
  private final Counters counters;

  UringSendReaper(CompletionRing ring, UringUncopiedSends sends, UringLater later,
      UringDelivery delivery,
      OperationTable operations, Counters counters) {
    this.ring = ring;
    this.sends = sends;
    this.later = later;
    this.delivery = delivery;
    this.operations = operations;
    this.counters = counters;
  }

  /** The kernel's next word on a send. */
  void take(UringHandle handle, int slot, int result, int flags, Completions out) {
    UringUncopiedSend send = sends.find(slot);
    if (send == null) {
      copied(handle, slot, result, out);
      return;
    }
    int told = 0;
    if ((flags & Uring.CQE_NOTIF) != 0) {
      send.pinned--;
    } else if (!send.over) {
      send.pinned += (flags & Uring.CQE_MORE) != 0 ? 1 : 0;
      told = gone(handle, slot, send, result);
    }
    if (send.hasEnded()) {
      sends.end(slot);
      delivery.end(
          handle, slot, handle.giving == slot, send.error < 0 ? send.error : told, out);
    } else if (told != 0) {
      delivery.put(slot, told, true, operations.handle(slot), null, null, out);
    }
  }

  /**
   * A copied send has its result. EAGAIN is none: where a socket is told to be writable and takes nothing, again and again, the kernel
   * (6.18) gives up waiting for it.
   */
  private void copied(UringHandle handle, int slot, int result, Completions out) {
    if (result != ErrorCode.WOULD_BLOCK) {
      delivery.ended(handle, slot, result, out);
    } else if (handle.goesAgain(slot)) {
      counters.increment(Counter.WOULD_BLOCKS);
      later.again(slot);
    } else {
      delivery.ended(handle, slot, ErrorCode.CANCELLED, out);
    }
  }

  /**
   * An entry has its result. A socket that has taken a part is given the rest; what only an uncopied one meets is no end at all: the send
   * goes its second way, copied.
   *
   * @return what is to be told of it; 0 if there is nothing
   */
  private int gone(UringHandle handle, int slot, UringUncopiedSend send, int result) {
    // Nothing more is sent on a handle that is gone, whatever became of it.
    boolean goesOn = !send.cancelled && handle.fd >= 0;
    if (UringUncopiedSends.isOfUncopied(result) && !send.copies && goesOn) {
      handle.copiesAll |= result == ErrorCode.NOT_SUPPORTED;
      send.copies = true;
      later.again(slot);
      return 0;
    }
    if (result == ErrorCode.WOULD_BLOCK && goesOn) {
      counters.increment(Counter.WOULD_BLOCKS);
      later.again(slot);
      return 0;
    }
    if (result <= 0) {
      boolean wished =
          send.cancelled
              && (UringUncopiedSends.isOfUncopied(result) || result == ErrorCode.WOULD_BLOCK);
      send.fail(wished ? ErrorCode.CANCELLED : result);
      handle.sendError = send.error;
      return send.error;
    }
    delivery.sent(slot, result);
    send.left -= result;
    send.over = send.left == 0 || !goesOn;
    if (!send.over) {
      later.again(slot);
    } else if (send.left == 0) {
      delivery.makeWay(handle);
    }
    if (send.cancelled && send.pinned > 0) {
      // The wish came too late for the send and too early for the cut, so it is made good here.
      later.cutOff(operations.id(slot));
    }
    return result;
  }

  /** True if an uncopied send can be asked to end. */
  boolean cancel(long operation, UringUncopiedSend send) {
    boolean endsAnyway = send.over && send.pinned == 1 && ring.holdsLast(operation);
    if (send.cancelled || endsAnyway) {
      return false;
    }
    send.cancelled = true;
    if (!send.over) {
      later.cancel(operation);
    }
    if (send.pinned > 0) {
      later.cutOff(operation);
    }
    return true;
  }

  /** Nothing more will be said of a send: what the kernel had to say was lost. */
  void lose(int slot) {
    UringUncopiedSend send = sends.find(slot);
    if (send != null) {
      send.pinned = 0;
      send.over = false;
    }
  }
}
