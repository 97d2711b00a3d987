package io.janus.completion.uring;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringOperations;
import io.janus.ffi.linux.UringSqe;
import java.lang.foreign.MemorySegment;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What this kernel's io_uring can do, found by asking it for its operations and by trying what is no operation of its own. */
final class UringAbilities {
  /** Sends that are not copied into the kernel. */
  final boolean uncopied;

  /** A descriptor of the process for a direct one. */
  final boolean lends;

  /** A receive that goes on by itself. */
  final boolean repeatsReceive;

  /** A bound of bytes after which that ends. */
  final boolean boundsReceive;

  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final UringInstance instance;
  private final int noSocket;

  /** The kernel had no memory for one of the trials. */
  private boolean unanswered;

  /** To the question for its operations: below zero they stay unknown, and those that came late are not used. */
  private final int answer;

  /**
   * Asks a ring on which nothing has been submitted yet.
   *
   * @param noSocket any descriptor that is no socket: a receive on it ends at once, and how tells whether its flags are known
   */
  UringAbilities(UringInstance instance, int noSocket) {
    this.instance = instance;
    this.noSocket = noSocket;
    MemorySegment probe = instance.scratch();
    UringOperations.ask(probe);
    answer = instance.register(Uring.REGISTER_PROBE, probe, UringOperations.MOST);
    boolean told = answer >= 0;
    uncopied =
        told && UringOperations.knows(probe, Uring.OP_SEND_ZC)
            && UringOperations.knows(probe, Uring.OP_SENDMSG_ZC);
    lends = told && UringOperations.knows(probe, Uring.OP_FIXED_FD_INSTALL);
    boundsReceive = tryReceive(1);
    repeatsReceive = boundsReceive || tryReceive(0);
  }

  /** A kernel that has no memory for the question, however often it is asked, is taken to know no such flag: it would end every receive. */
  private boolean tryReceive(int most) {
    long head =
        UringSqe.head(Uring.OP_RECV, Uring.SQE_BUFFER_SELECT, Uring.RECV_MULTISHOT, noSocket);
    int result = ErrorCode.BUSY;
    for (int i = 0; i < UringErrors.TRIES && result == ErrorCode.BUSY; i++) {
      if (i > 0) {
        LockSupport.parkNanos(REST_NANOS);
      }
      result = instance.now(head, 0, 0, 0, UringSqe.pair(ProvidedBuffers.GROUP, most), 0);
    }
    unanswered |= result == ErrorCode.BUSY;
    return result != ErrorCode.INVALID && result != ErrorCode.BUSY;
  }

  /** What is lacking beside the set-up, in words; empty if nothing. */
  String stepsDown(String ofSetup) {
    StringJoiner words = new StringJoiner("; ");
    add(words, !ofSetup.isEmpty(), ofSetup);
    String noAnswer = "the kernel had no memory to say whether they can";
    add(words, !repeatsReceive,
        "receives do not repeat (" + (unanswered ? noAnswer : "Linux 6.0")
            + "): one more submit for each");
    add(words, repeatsReceive && !boundsReceive,
        "repeated receives have no bound of bytes (" + (unanswered ? noAnswer : "Linux 6.17")
            + "): more may come after a pause");
    String release = answer >= 0 ? "Linux %s"
        : "IORING_REGISTER_PROBE is refused by " + UringErrors.of(answer).name();
    add(words, !uncopied, "every send is copied (" + release.formatted("6.1") + ")");
    add(words, !lends,
        "direct descriptors cannot be lent (" + release.formatted("6.8")
            + "): they tell no addresses, take no options, and copy every send");
    return words.toString();
  }

  private static void add(StringJoiner words, boolean lacking, String what) {
    if (lacking) {
      words.add(what);
    }
  }
}
