package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.linux.Linger;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringParams;
import io.janus.ffi.linux.UringSqe;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One ring of one thread: its two queues and the call that moves them. */
final class UringInstance {
  /** The name of entries whose completion nobody waits for. */
  static final long IGNORED = -1;

  /** Entries of {@link #now} have names from here downwards, each its own, so that one whose result comes late is never taken for another. */
  private static final long IMMEDIATE = -16;

  /** What was tried, at the beginning of the message of its refusal. */
  static final String MAPPING = "map ";

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** Threads of the kernel that wait inside an operation on a socket, at most, for each loop. */
  private static final int MOST_WORKERS = 4;

  /** Tries of an operation that the kernel ends within the submit; more than one only if the system has no memory. */
  private static final int IMMEDIATE_TRIES = 64;

  // Memory of our own: a page with errno, params, the wait's argument and its time, an option, then the cells of UringScratch. One mapping, so that
  // it fails or succeeds as one.
  private static final long PARAMS_AT = 64;
  private static final long ARGUMENT_AT = 256;
  private static final long ARGUMENT_BYTES = 24;
  private static final long TIME_AT = 320;
  private static final long LINGER_AT = 352;
  private static final long INSTALL_AT = 368;
  private static final long REGISTRATION_AT = 384;
  private static final long PAGE_BYTES = 4096;

  /** Entries of {@link #now} whose results found no room, by their names: their operations. Hardly ever any. */
  private final Map<Long, Integer> late = new HashMap<>();

  private long lastName = IMMEDIATE;
  private final UringCalls calls;
  private final Counters counters;
  private final MemorySegment page = NativeMemory.map(PAGE_BYTES + UringScratch.BYTES);
  final Errno errno = new Errno(page);
  private final MemorySegment argument = page.asSlice(ARGUMENT_AT, ARGUMENT_BYTES);
  private final MemorySegment registration =
      page.asSlice(REGISTRATION_AT, PAGE_BYTES - REGISTRATION_AT);
  private final int fd;
  private final String stepsDown;
  private final String setUp;

  /** What enter is given: the descriptor, or its index among the thread's registered rings, which saves a look-up. */
  private final int enterFd;

  private final boolean registered;

  private final int enterFlags;
  private final MemorySegment ringMemory;
  private final MemorySegment entryMemory;
  final SubmissionRing submissions;
  final CompletionRing completions;

  UringInstance(UringCalls calls, int entries, Counters counters) throws OsException {
    this.calls = calls;
    this.counters = counters;
    Linger.setReset(linger());
    MemorySegment params = page.asSlice(PARAMS_AT, UringParams.BYTES);
    UringSetup setup = new UringSetup(params);
    int opened = -1;
    MemorySegment rings = null;
    MemorySegment sqes = null;
    try {
      opened = setup.open(calls, errno, entries);
      if (setup.lacksNeeded()) {
        OsException.check("use the io_uring of this kernel", ErrorCode.NOT_SUPPORTED);
      }
      rings = calls.map(errno, opened, Uring.OFF_RINGS, ringBytes(params));
      sqes =
          calls.map(
              errno, opened, Uring.OFF_SQES,
              UringParams.submissionEntries(params) * UringSqe.BYTES);
    } catch (OsException | RuntimeException | Error e) {
      release(opened, rings, sqes);
      throw e;
    }
    fd = opened;
    ringMemory = rings;
    entryMemory = sqes;
    setUp = setup.words();
    submissions = new SubmissionRing(rings, sqes, params);
    completions = new CompletionRing(rings, params);
    if (setup.hasIndexes()) {
      submissions.fillIndexes(params);
    }
    boundWorkers();
    int index = registerSelf();
    registered = index >= 0;
    stepsDown = words(setup.stepsDown(), index);
    enterFd = registered ? index : fd;
    enterFlags =
        Uring.ENTER_GETEVENTS | Uring.ENTER_EXT_ARG
            | (registered ? Uring.ENTER_REGISTERED_RING : 0);
  }

  private static String words(String ofSetup, int index) {
    String ofIndex =
        index >= 0 ? ""
            : "the ring cannot be registered with its thread (IORING_REGISTER_RING_FDS, "
                + UringErrors.of(index).name() + "): each call looks its descriptor up";
    return ofSetup + (ofSetup.isEmpty() || ofIndex.isEmpty() ? "" : "; ") + ofIndex;
  }

  /** What this ring's set-up lacks against the best; empty if nothing. */
  String stepsDown() {
    return stepsDown;
  }

  /** The flags and the queues of this ring, in words. */
  String setUp() {
    return setUp;
  }

  /** True if an entry can be added, after a submit if the queue is full. */
  boolean hasRoom() {
    if (!submissions.isFull()) {
      return true;
    }
    submit();
    return !submissions.isFull();
  }

  /**
   * Hands what waits to the kernel and nothing more. Completions are not looked for, so that what repeats, above all an accept, does not
   * go on behind the back of whoever counts in {@link UringReaper#beforeEnter}.
   *
   * @return true if the kernel has taken all
   */
  boolean submit() {
    int waiting = submissions.publish();
    if (waiting > 0) {
      counters.increment(Counter.WAIT_CALLS);
      calls.enter(
          errno, enterFd, waiting, 0, enterFlags & ~(Uring.ENTER_GETEVENTS | Uring.ENTER_EXT_ARG),
          argument, 0);
    }
    return submissions.waiting() == 0;
  }

  /**
   * Submits what waits and looks for completions. A kernel that takes only a part of it, or nothing, does nothing else.
   *
   * @param timeoutNanos 0 looks only, below zero waits without end
   * @return zero or more, or an error of the call itself; no completion within the time is no error
   */
  int enter(int minComplete, long timeoutNanos) {
    return enter(submissions.publish(), minComplete, timeoutNanos);
  }

  /** Looks for completions as {@link #enter(int, long)} does, and submits nothing. */
  int look(int minComplete, long timeoutNanos) {
    return enter(0, minComplete, timeoutNanos);
  }

  private int enter(int entries, int minComplete, long timeoutNanos) {
    argument.set(JAVA_LONG, 0, 0L);
    argument.set(JAVA_LONG, 8, 0L);
    argument.set(JAVA_LONG, 16, 0L);
    if (minComplete > 0 && timeoutNanos > 0) {
      page.set(JAVA_LONG, TIME_AT, timeoutNanos / NANOS_PER_SECOND);
      page.set(JAVA_LONG, TIME_AT + 8, timeoutNanos % NANOS_PER_SECOND);
      argument.set(JAVA_LONG, 16, page.address() + TIME_AT);
    }
    counters.increment(Counter.WAIT_CALLS);
    return calls.enter(
        errno, enterFd, entries, minComplete, enterFlags, argument, ARGUMENT_BYTES);
  }

  /**
   * Does one operation that the kernel ends within the submit, and returns its result.
   *
   * @param head made by {@link UringSqe#head}
   */
  int now(long head, long off, long addr, long lenAndFlags, long bufferAndFile, long addr3) {
    // Its completion must find room in the queue: one that is late would be the result of another, or a descriptor for nobody.
    if (!submit() || submissions.hasOverflow() || completions.isFull()) {
      return ErrorCode.BUSY;
    }
    long name = --lastName;
    submissions.add(head, off, addr, lenAndFlags, name, bufferAndFile, addr3);
    int result = Integer.MIN_VALUE;
    for (int i = 0; i < IMMEDIATE_TRIES && result == Integer.MIN_VALUE; i++) {
      submit();
      result = completions.takeOutOfTurn(name, IGNORED, Integer.MIN_VALUE);
    }
    if (submissions.waiting() == 1) {
      submissions.retract();
    } else if (result == Integer.MIN_VALUE) {
      // Something else took the last place in the queue, and this waits in the kernel.
      late.put(name, UringSqe.opcode(head));
    }
    return result == Integer.MIN_VALUE ? ErrorCode.BUSY : result;
  }

  /** True if a completion is of an operation of {@link #now}. */
  static boolean isImmediate(long name) {
    return name < IMMEDIATE;
  }

  /** True if results are to come of operations that nobody waits for any more. */
  boolean awaitsLate() {
    return !late.isEmpty();
  }

  /** True if such results of one operation are to come. */
  boolean awaitsLate(int opcode) {
    return late.containsValue(opcode);
  }

  /** A result of {@link #now} has come after its caller was told BUSY: of which operation, {@link Uring#OP_NOP} if of none. */
  int cameLate(long name) {
    Integer opcode = late.remove(name);
    return opcode == null ? Uring.OP_NOP : opcode;
  }

  /** Room for what {@link #register} is told; of this thread and this moment only. */
  MemorySegment scratch() {
    return registration;
  }

  /** One int that the kernel reads and writes when it installs a socket; nothing else does until that has ended, however late. */
  MemorySegment installCell() {
    return page.asSlice(INSTALL_AT, Integer.BYTES);
  }

  /** The value of the option that turns a close into a reset; it never changes, so entries point to it for as long as they like. */
  MemorySegment linger() {
    return page.asSlice(LINGER_AT, Linger.BYTES);
  }

  /** The memory of {@link UringScratch}. */
  MemorySegment cells() {
    return page.asSlice(PAGE_BYTES);
  }

  /** io_uring_register(2). */
  int register(int opcode, MemorySegment what, int count) {
    counters.increment(Counter.CONTROL_CALLS);
    return calls.register(errno, fd, opcode, what, count);
  }

  /** Ends the ring. Nothing may be in flight that could still write to memory that is given up afterwards. */
  void close() {
    if (registered) {
      registration.set(JAVA_INT, 0, enterFd);
      registration.set(JAVA_INT, 4, 0);
      registration.set(JAVA_LONG, 8, 0L);
      register(Uring.UNREGISTER_RING_FDS, registration, 1);
    }
    release(fd, ringMemory, entryMemory);
  }

  /**
   * An operation that was told again and again that its socket is ready, and found nothing, is given to a worker of the kernel, and a peer
   * can bring that about. Bounded, those that come after wait their turn instead of having threads of their own. A kernel that cannot
   * do that has more threads for a while, and all else is the same.
   */
  private void boundWorkers() {
    registration.set(JAVA_INT, 0, 0);
    registration.set(JAVA_INT, 4, MOST_WORKERS);
    calls.register(errno, fd, Uring.REGISTER_IOWQ_MAX_WORKERS, registration, 2);
  }

  /** Before anything is submitted on a socket of another origin; those that a listener accepts have it from there. */
  int boundWaits(int socket) {
    return calls.boundWaits(errno, socket, registration);
  }

  /** The index of the ring among those of the thread, or an error. */
  private int registerSelf() {
    registration.set(JAVA_INT, 0, -1);
    registration.set(JAVA_INT, 4, 0);
    registration.set(JAVA_LONG, 8, fd);
    int result = calls.register(errno, fd, Uring.REGISTER_RING_FDS, registration, 1);
    return result == 1
        ? registration.get(JAVA_INT, 0)
        : result < 0 ? result
        : ErrorCode.NOT_SUPPORTED;
  }

  /** The mappings hold the ring as well as the descriptor does, so both go. */
  private void release(int opened, @Nullable MemorySegment rings, @Nullable MemorySegment sqes) {
    if (sqes != null) {
      calls.unmap(sqes);
    }
    if (rings != null) {
      calls.unmap(rings);
    }
    if (opened >= 0) {
      calls.close(errno, opened);
    }
    errno.close();
    NativeMemory.unmap(page);
  }

  private static long ringBytes(MemorySegment params) {
    long submissionEnd =
        UringParams.submissionOffset(params, 6) + 4L * UringParams.submissionEntries(params);
    long completionEnd =
        UringParams.completionOffset(params, 5) + 16L * UringParams.completionEntries(params);
    return Math.max(submissionEnd, completionEnd);
  }
}
