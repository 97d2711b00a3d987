package io.janus.completion.uring;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringCqe;
import io.janus.ffi.linux.UringParams;
import io.janus.ffi.linux.UringSqe;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * The best set-up that this kernel accepts, found by trying: a version number says nothing of what a distribution or a sandbox
 * has taken out.
 */
final class UringSetup {
  /** What was tried, in the message of its refusal. */
  static final String ATTEMPT = "open an io_uring";

  private static final int ALWAYS =
      Uring.SETUP_CQSIZE | Uring.SETUP_CLAMP | Uring.SETUP_SUBMIT_ALL;

  /** From the best down; each step leaves out what the next older kernels lack. */
  private static final int[] LADDER = {
    ALWAYS | Uring.SETUP_SINGLE_ISSUER | Uring.SETUP_DEFER_TASKRUN | Uring.SETUP_NO_SQARRAY,
    ALWAYS | Uring.SETUP_SINGLE_ISSUER | Uring.SETUP_DEFER_TASKRUN,
    ALWAYS | Uring.SETUP_SINGLE_ISSUER | Uring.SETUP_COOP_TASKRUN,
    ALWAYS | Uring.SETUP_COOP_TASKRUN,
  };

  private static final int COMPLETIONS_FOR_EACH_SUBMISSION = 16;
  private static final long PAGE_BYTES = 4096;

  /** Heads, tails, masks and flags before the completions; 64 on kernel 6.18, with room for more. */
  private static final long HEADER_BYTES = 512;

  /** What the engine cannot do without: no completion is ever dropped, and a wait takes a time. */
  private static final int NEEDED =
      Uring.FEAT_SINGLE_MMAP | Uring.FEAT_NODROP | Uring.FEAT_EXT_ARG | Uring.FEAT_CQE_SKIP;

  private final MemorySegment params;
  private int flags;

  /**
   * @param params room for one {@link UringParams}, filled by {@link #open}
   */
  UringSetup(MemorySegment params) {
    this.params = params;
  }

  /** Opens a ring and returns its descriptor. */
  int open(UringCalls calls, Errno errno, int entries) throws OsException {
    int result = ErrorCode.INVALID;
    for (int i = 0; i < LADDER.length && result == ErrorCode.INVALID; i++) {
      flags = LADDER[i];
      UringParams.ask(params, flags, entries * COMPLETIONS_FOR_EACH_SUBMISSION);
      result = calls.setup(errno, entries, params);
    }
    return (int) UringErrors.check(ATTEMPT, result);
  }

  /** Memory of a ring with so many entries: the kernel rounds them up to a power of two, and each of both mappings to whole pages. */
  static long lockedBytes(int entries) {
    long submissions = powerOfTwo(entries);
    long completions = powerOfTwo(entries * COMPLETIONS_FOR_EACH_SUBMISSION);
    long indexes = submissions * Integer.BYTES;
    return pages(HEADER_BYTES + completions * UringCqe.BYTES + indexes)
        + pages(submissions * UringSqe.BYTES);
  }

  /** Whole pages for so many bytes. */
  static long pages(long bytes) {
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  }

  /** The next power of two, or the number itself if it is one. */
  static int powerOfTwo(int atLeast) {
    return Math.max(1, Integer.highestOneBit(atLeast * 2 - 1));
  }

  boolean hasIndexes() {
    return (flags & Uring.SETUP_NO_SQARRAY) == 0;
  }

  boolean lacksNeeded() {
    return (UringParams.features(params) & NEEDED) != NEEDED;
  }

  /** The flags that the kernel has accepted and the queues that it has made, in words. */
  String words() {
    StringJoiner names = new StringJoiner(", ");
    add(names, Uring.SETUP_SINGLE_ISSUER, "SINGLE_ISSUER");
    add(names, Uring.SETUP_DEFER_TASKRUN, "DEFER_TASKRUN");
    add(names, Uring.SETUP_COOP_TASKRUN, "COOP_TASKRUN");
    add(names, Uring.SETUP_NO_SQARRAY, "NO_SQARRAY");
    return String.format(
        Locale.ROOT, "%s, queues of %,d submissions and %,d completions", names,
        UringParams.submissionEntries(params), UringParams.completionEntries(params));
  }

  private void add(StringJoiner names, int flag, String name) {
    if ((flags & flag) != 0) {
      names.add(name);
    }
  }

  /** What was given up against the best set-up, in words; empty if nothing. */
  String stepsDown() {
    if ((flags & Uring.SETUP_SINGLE_ISSUER) == 0) {
      return "without SINGLE_ISSUER and DEFER_TASKRUN (Linux 6.1): completions interrupt the thread";
    }
    if ((flags & Uring.SETUP_DEFER_TASKRUN) == 0) {
      return "without DEFER_TASKRUN (Linux 6.1): completions interrupt the thread";
    }
    return hasIndexes() ? "without NO_SQARRAY (Linux 6.6): one more store for each ring" : "";
  }
}
