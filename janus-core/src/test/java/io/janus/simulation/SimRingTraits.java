package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.linux.Uring;
import java.lang.foreign.MemorySegment;

/** What one kernel's io_uring has and lacks, how large its rings may be, and how often its calls fail: by the seed. */
final class SimRingTraits {
  private static final int ALWAYS =
      Uring.SETUP_CQSIZE | Uring.SETUP_CLAMP | Uring.SETUP_SUBMIT_ALL | Uring.SETUP_COOP_TASKRUN;
  private static final int AGES = 4;
  private static final int LAST_OPERATION = 62;

  /** Set-up flags that it knows. */
  final int knownFlags;

  /** Receives may repeat (Linux 6.0), and then with a bound of bytes (Linux 6.17). */
  final boolean repeatsReceives;

  final boolean boundsReceives;

  /** Sockets take no send that is not copied, as those of the Unix kind. */
  final boolean copiesAll;

  final boolean registersRings;
  final int mostEntries;
  final int completionsForEachEntry;

  /** Most operations that go on in one call. */
  final int mostWork;

  /** Most completions of a repeated operation in one go. */
  final int mostRounds;

  /** Calls of a thousand that answer EINTR, EAGAIN and the like before they do anything; while there are faults. */
  final int failures;

  /** Entries of a thousand at which a submit is cut short, for want of memory; while there are faults. */
  final int cuts;

  /** Closes and shutdowns of a thousand that are handed to a worker thread. */
  final int workers;

  /** Tries in vain of a thousand after which the kernel does not wait for the socket any more and answers EAGAIN. */
  final int givesUp;

  /** Sends need not be copied, and a direct descriptor can be lent: Linux 6.1 and 6.8. */
  private final boolean uncopied;

  private final boolean lends;

  SimRingTraits(Dice dice, Faults faults) {
    boolean wild = faults.wild;
    int age = wild && dice.below(3) == 0 ? dice.below(AGES) : 0;
    knownFlags =
        ALWAYS
            | (age <= 2 ? Uring.SETUP_SINGLE_ISSUER : 0)
            | (age <= 1 ? Uring.SETUP_DEFER_TASKRUN : 0)
            | (age == 0 ? Uring.SETUP_NO_SQARRAY : 0);
    repeatsReceives = age <= 2;
    boundsReceives = !wild || age == 0 && dice.below(3) != 0;
    copiesAll = wild && dice.below(8) == 0;
    registersRings = !wild || dice.below(4) != 0;
    mostEntries = wild ? dice.oneOf(1, 2, 4, 8, 64, 4096) : 32_768;
    completionsForEachEntry = wild ? dice.oneOf(1, 2, 16) : 16;
    mostWork = wild ? dice.oneOf(1, 2, 20) : 20;
    mostRounds = wild ? dice.oneOf(1, 2, 32) : 32;
    failures = wild && dice.below(2) == 0 ? dice.between(1, 200) : 0;
    cuts = wild && dice.below(2) == 0 ? dice.between(1, 200) : 0;
    workers = wild ? dice.oneOf(0, 500, 1000) : 0;
    uncopied = age <= 1;
    lends = age == 0;
    givesUp = wild && dice.below(2) == 0 ? dice.between(1, 100) : 0;
  }

  /** Fills struct io_uring_probe. */
  void tellOperations(MemorySegment probe, int most) {
    probe.set(JAVA_BYTE, 0, (byte) LAST_OPERATION);
    probe.set(JAVA_BYTE, 1, (byte) Math.min(most, LAST_OPERATION + 1));
    for (int i = 0; i < Math.min(most, LAST_OPERATION + 1); i++) {
      probe.set(JAVA_BYTE, 16 + 8L * i, (byte) i);
      probe.set(JAVA_SHORT, 16 + 8L * i + 2, (short) (knows(i) ? 1 : 0));
    }
  }

  boolean knows(int opcode) {
    return switch (opcode) {
      case Uring.OP_SEND_ZC, Uring.OP_SENDMSG_ZC -> uncopied;
      case Uring.OP_FIXED_FD_INSTALL -> lends;
      default -> true;
    };
  }
}
