package io.janus.readiness.afd;

import io.janus.readiness.Interest;
import io.janus.readiness.Ready;

/**
 * The life of one registration as a pure function: a state and what happened give the next state and what is to be done. A poll
 * of the device is one shot and cannot be changed once it is under way; everything here follows from that.
 *
 * <pre>
 *   IDLE       no poll          add, change and rearm submit one when something is wanted
 *   PENDING    a poll is out    removing bits filters its answer; adding bits, and remove, cancel it
 *   CANCELLED  on its way back  nothing to do until its packet has come, which then decides by what is wanted then
 * </pre>
 *
 * <p>A state is an int: the poll's state, flags, the interest, and what the poll that is out was asked for. An answer is the next
 * state and above it bits of what is to be done.
 */
final class AfdState {
  // The poll.
  static final int IDLE = 0;
  static final int PENDING = 1;
  static final int CANCELLED = 2;
  private static final int POLL = 3;

  /** Removed by its user, and gone as soon as the poll has come back. */
  static final int REMOVED = 4;

  static final int ONESHOT = 8;

  /** ONESHOT has reported, and rests until a change. */
  static final int RESTING = 16;

  /** On the list of those that are armed again before the next wait; a property of the slot, which outlives a registration. */
  static final int LISTED = 32;

  private static final int INTEREST_SHIFT = 8;
  private static final int ASKED_SHIFT = 12;
  private static final int INTEREST = 7 << INTEREST_SHIFT;
  private static final int ASKED = 7 << ASKED_SHIFT;

  // What is to be done.
  static final int SUBMIT = 1 << 16;
  static final int CANCEL = 1 << 17;
  static final int REPORT = 1 << 18;
  static final int LIST = 1 << 19;

  /** The registration is over, without a word: remove answers that it is gone now, or the socket was closed under it. */
  static final int END = 1 << 20;

  /** The registration is over and its user waits to hear of it. */
  static final int GONE = 1 << 21;

  private static final int STATE = (1 << 16) - 1;

  /** Beside the bits of {@link Ready}: the socket was closed under its poll. */
  static final int CLOSED = 1 << 15;

  private AfdState() {}

  /** The state in an answer. */
  static int state(int answer) {
    return answer & STATE;
  }

  /** {@link #IDLE}, {@link #PENDING} or {@link #CANCELLED}. */
  static int poll(int state) {
    return state & POLL;
  }

  /** Bits of {@link Interest} that the user wants now. */
  static int interest(int state) {
    return (state & INTEREST) >> INTEREST_SHIFT;
  }

  /** Bits of {@link Interest} that the poll which is out was asked for. */
  static int asked(int state) {
    return (state & ASKED) >> ASKED_SHIFT;
  }

  /** What is reported, of the bits that came: failures always, the rest as far as it is wanted now. */
  static int reported(int state, int bits) {
    int interest = interest(state);
    if ((bits & Ready.ERROR) == 0) {
      bits &= interest | Ready.FIN;
    }
    return (interest & Interest.READ) == 0 ? bits & ~Ready.FIN : bits;
  }

  /** A registration begins in a slot whose last state is given. */
  static int add(int slot, int interest, boolean oneshot) {
    return submitIfWanted(
        (slot & LISTED) | interest << INTEREST_SHIFT | (oneshot ? ONESHOT : 0));
  }

  /** The user wants something else from now on. */
  static int change(int state, int interest) {
    int next = state & ~(INTEREST | RESTING) | interest << INTEREST_SHIFT;
    return switch (poll(state)) {
      // What is on the list is armed before the next wait anyway, and then by what is wanted then.
      case IDLE -> (state & LISTED) != 0 ? next : submitIfWanted(next);
      case PENDING -> (interest & ~asked(state)) == 0 ? next : cancel(next);
      // It is on its way back already; its packet will find the new interest.
      default -> next;
    };
  }

  /** The user wants to close the socket. Not for one that is removed already. */
  static int remove(int state) {
    return switch (poll(state)) {
      case IDLE -> state | END;
      case PENDING -> cancel(state | REMOVED);
      default -> state | REMOVED;
    };
  }

  /** The next wait is about to begin, and the registration was on the list. */
  static int rearm(int state) {
    int next = state & ~LISTED;
    // Something else may have submitted a poll meanwhile: the slot's next user.
    return poll(state) == IDLE ? submitIfWanted(next) : next;
  }

  /**
   * The poll has come back.
   *
   * @param bits of {@link Ready}, none if it was cancelled, or {@link #CLOSED}
   */
  static int packet(int state, int bits) {
    int next = state & ~(POLL | ASKED);
    if ((state & REMOVED) != 0) {
      return next | GONE;
    }
    if ((bits & CLOSED) != 0) {
      return next | END;
    }
    if (interest(state) == Interest.NONE || reported(state, bits) == 0) {
      return submitIfWanted(next);
    }
    if ((state & ONESHOT) != 0) {
      return next | RESTING | REPORT;
    }
    // Armed again only before the next wait: until then the user has read, and one poll for each event is enough.
    return next | REPORT | list(next);
  }

  /** The poll that was to be submitted was refused for a reason that may pass: it is tried again before the next wait. */
  static int refused(int state) {
    int next = state & ~(POLL | ASKED);
    return next | list(next);
  }

  private static int list(int state) {
    return (state & LISTED) != 0 ? 0 : LISTED | LIST;
  }

  private static int submitIfWanted(int state) {
    if (interest(state) == Interest.NONE || (state & RESTING) != 0) {
      return state;
    }
    return state | PENDING | interest(state) << ASKED_SHIFT | SUBMIT;
  }

  private static int cancel(int state) {
    return state & ~POLL | CANCELLED | CANCEL;
  }
}
