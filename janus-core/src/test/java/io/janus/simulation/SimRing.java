package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.completion.uring.UringOverKernel;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringCqe;
import io.janus.ffi.linux.UringParams;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kernel's io_uring for one ring: takes entries out of the one queue and puts completions into the other, both in plain memory, so
 * that all of the real port runs on it. What the manual allows happens by the seed: rings of any size, submits cut short, calls that
 * fail for a moment, completions in any order, a few at a time, late, or kept back because the queue was full.
 */
final class SimRing implements UringOverKernel.Kernel {
  private static final int FD = 900;
  private static final int REGISTERED = 3;
  private static final int FEATURES =
      Uring.FEAT_SINGLE_MMAP | Uring.FEAT_NODROP | Uring.FEAT_EXT_ARG | Uring.FEAT_CQE_SKIP;
  private static final int TIMED_OUT = -62;
  private static final int NO_SUCH_RING = -9;
  private static final int MOST_ENTRIES = 32_768;

  // Where the words of both rings lie in their common memory.
  private static final int SQ_HEAD = 0;
  private static final int SQ_TAIL = 4;
  private static final int SQ_MASK = 8;
  private static final int SQ_ENTRIES = 12;
  private static final int SQ_FLAGS = 16;
  private static final int SQ_DROPPED = 20;
  private static final int CQ_HEAD = 64;
  private static final int CQ_TAIL = 68;
  private static final int CQ_MASK = 72;
  private static final int CQ_ENTRIES = 76;
  private static final int CQ_OVERFLOW = 80;
  private static final int CQES = 128;

  /**
   * @param of whose completions stay in their order: a socket, or a number for each entry without one
   */
  private record Completion(Object of, long userData, int result, int flags) {}

  private final SimNetwork network;
  private final SimRingTraits traits;
  private final SimRingWork work;

  /** Ended, and not yet put into the queue: from one piece of work, in an order of the seed. */
  private final List<Completion> fresh = new ArrayList<>();

  /** What found the queue full. */
  private final ArrayDeque<Completion> overflow = new ArrayDeque<>();

  private int setup;
  private int entryCount;
  private int completionCount;
  private int indexesAt;
  private @Nullable MemorySegment rings;
  private @Nullable MemorySegment entries;
  private boolean registered;

  SimRing(SimNetwork network, SimGuard guard) {
    this.network = network;
    this.traits = new SimRingTraits(network.dice, network.faults);
    this.work = new SimRingWork(network, traits, guard, this);
  }

  // ---- making it

  @Override
  public int setup(int wanted, MemorySegment params) {
    int asked = params.get(JAVA_INT, 8);
    boolean deferredAlone = (asked & Uring.SETUP_DEFER_TASKRUN) != 0
        && (asked & Uring.SETUP_SINGLE_ISSUER) == 0;
    if ((asked & ~traits.knownFlags) != 0 || deferredAlone || wanted < 1) {
      return ErrorCode.INVALID;
    }
    setup = asked;
    network.trace.add(network.now(), hasIndexes() ? "ring with indexes" : "ring", 0, 0);
    entryCount = Math.min(powerOfTwo(wanted), traits.mostEntries);
    completionCount =
        Math.min(powerOfTwo(UringParams.completionEntries(params)),
            entryCount * traits.completionsForEachEntry);
    indexesAt = CQES + completionCount * (int) UringCqe.BYTES;
    params.set(JAVA_INT, 0, entryCount);
    params.set(JAVA_INT, 4, completionCount);
    params.set(JAVA_INT, 20, FEATURES);
    int[] submission = {
      SQ_HEAD, SQ_TAIL, SQ_MASK, SQ_ENTRIES, SQ_FLAGS, SQ_DROPPED, hasIndexes() ? indexesAt : 0
    };
    int[] completion = {CQ_HEAD, CQ_TAIL, CQ_MASK, CQ_ENTRIES, CQ_OVERFLOW, CQES};
    for (int i = 0; i < submission.length; i++) {
      params.set(JAVA_INT, 40 + 4L * i, submission[i]);
    }
    for (int i = 0; i < completion.length; i++) {
      params.set(JAVA_INT, 80 + 4L * i, completion[i]);
    }
    return FD;
  }

  @Override
  public MemorySegment map(boolean ofEntries, long bytes) {
    MemorySegment memory = NativeMemory.map(bytes);
    if (ofEntries) {
      entries = memory;
    } else {
      rings = memory;
      set(SQ_MASK, entryCount - 1);
      set(SQ_ENTRIES, entryCount);
      set(CQ_MASK, completionCount - 1);
      set(CQ_ENTRIES, completionCount);
    }
    return memory;
  }

  @Override
  public void unmap(MemorySegment memory) {
    NativeMemory.unmap(memory);
  }

  @Override
  public int register(int fd, int opcode, MemorySegment argument, int count) {
    if (fd != FD) {
      return NO_SUCH_RING;
    }
    network.tick();
    switch (opcode) {
      case Uring.REGISTER_RING_FDS -> {
        if (!traits.registersRings) {
          return ErrorCode.INVALID;
        }
        registered = true;
        argument.set(JAVA_INT, 0, REGISTERED);
        return 1;
      }
      case Uring.UNREGISTER_RING_FDS -> {
        registered = false;
        return 1;
      }
      case Uring.REGISTER_PROBE -> traits.tellOperations(argument, count);
      case Uring.REGISTER_PBUF_RING -> work.provided = new SimProvided(argument);
      case Uring.UNREGISTER_PBUF_RING -> work.provided = null;
      case Uring.REGISTER_FILES2 -> work.table =
          new SimTable(network, argument.get(JAVA_INT, 0));
      default -> {
        return ErrorCode.INVALID;
      }
    }
    return 0;
  }

  @Override
  public void close(int fd) {
    work.close();
  }

  // ---- the call

  @Override
  public int enter(int fd, int toSubmit, int minComplete, int flags, MemorySegment argument,
      long argumentBytes) {
    boolean byIndex = (flags & Uring.ENTER_REGISTERED_RING) != 0;
    if (fd != (byIndex ? REGISTERED : FD) || byIndex && !registered) {
      return NO_SUCH_RING;
    }
    network.tick();
    if (network.faults.wild && network.dice.perMille(traits.failures)) {
      network.trace.add(network.now(), "enter fails", toSubmit, minComplete);
      return network.dice.oneOf(
          ErrorCode.INTERRUPTED, ErrorCode.WOULD_BLOCK, ErrorCode.BUSY, SimErrors.OUT_OF_MEMORY);
    }
    int taken = submit(toSubmit);
    if (taken < toSubmit) {
      return taken > 0 ? taken : ErrorCode.WOULD_BLOCK;
    }
    if ((flags & Uring.ENTER_GETEVENTS) == 0) {
      return taken;
    }
    int waited = await(minComplete, deadline(flags, argument));
    return taken > 0 ? taken : waited;
  }

  private int submit(int toSubmit) {
    int head = get(SQ_HEAD);
    int waiting = get(SQ_TAIL) - head;
    network.checks.require(
        toSubmit <= waiting && waiting <= entryCount,
        toSubmit + " of " + waiting + " entries were submitted to a queue of " + entryCount);
    int taken = 0;
    while (taken < toSubmit && !isCut()) {
      int at = head & entryCount - 1;
      int index = hasIndexes() ? get(indexesAt + 4 * at) : at;
      SimEntry entry = SimEntry.at(memory(entries), index);
      // The entry's place is free from here on, whatever becomes of it.
      set(SQ_HEAD, ++head);
      taken++;
      network.trace.add(network.now(), "entry, name", entry.opcode(), entry.userData());
      work.start(entry);
    }
    if ((setup & Uring.SETUP_DEFER_TASKRUN) == 0) {
      work.goOn();
    }
    flush();
    return taken;
  }

  private boolean isCut() {
    boolean cut = network.faults.wild && network.dice.perMille(traits.cuts);
    if (cut) {
      network.trace.add(network.now(), "submit cut short", 0, 0);
    }
    return cut;
  }

  private long deadline(int flags, MemorySegment argument) {
    long time = (flags & Uring.ENTER_EXT_ARG) == 0 ? 0 : argument.get(JAVA_LONG, 16);
    if (time == 0) {
      return Long.MAX_VALUE;
    }
    MemorySegment spec = SimGuard.at(time, 16);
    return network.now() + spec.get(JAVA_LONG, 0) * 1_000 * SimNetwork.MILLI
        + spec.get(JAVA_LONG, 8);
  }

  private int await(int minComplete, long deadline) {
    int wanted = Math.min(minComplete, completionCount);
    while (true) {
      bringOverflow();
      work.goOn();
      flush();
      if (unread() >= wanted) {
        return 0;
      }
      if (network.dice.perMille(network.faults.idleAwaits)) {
        return ErrorCode.INTERRUPTED;
      }
      if (network.now() >= deadline) {
        return TIMED_OUT;
      }
      network.sleepUntil(deadline);
    }
  }

  // ---- completions

  void complete(@Nullable SimSocket of, long userData, int result, int flags) {
    network.trace.add(network.now(), "completion, name, result", userData, result);
    fresh.add(new Completion(of == null ? userData : of, userData, result, flags));
  }

  /** True if a repeated operation may go on: the next completion has room, those on their way counted. */
  boolean hasRoom() {
    return overflow.isEmpty() && unread() + fresh.size() < completionCount;
  }

  /** Puts into the queue what has ended, in any order, that of one socket excepted. */
  private void flush() {
    while (!fresh.isEmpty()) {
      int index = network.faults.anyOrder ? network.dice.below(fresh.size()) : 0;
      Object of = fresh.get(index).of();
      int first = 0;
      while (!fresh.get(first).of().equals(of)) {
        first++;
      }
      put(fresh.remove(first));
    }
  }

  private void put(Completion completion) {
    if (overflow.isEmpty() && unread() < completionCount) {
      write(completion);
    } else {
      overflow.add(completion);
      network.trace.add(network.now(), "completion kept back", completion.userData, 0);
      set(SQ_FLAGS, get(SQ_FLAGS) | Uring.SQ_CQ_OVERFLOW);
    }
  }

  private void bringOverflow() {
    while (!overflow.isEmpty() && unread() < completionCount) {
      write(overflow.remove());
    }
    if (overflow.isEmpty()) {
      set(SQ_FLAGS, get(SQ_FLAGS) & ~Uring.SQ_CQ_OVERFLOW);
    }
  }

  private void write(Completion completion) {
    MemorySegment memory = memory(rings);
    int tail = get(CQ_TAIL);
    long at = CQES + (tail & completionCount - 1) * UringCqe.BYTES;
    memory.set(JAVA_LONG, at, completion.userData);
    memory.set(JAVA_INT, at + 8, completion.result);
    memory.set(JAVA_INT, at + 12, completion.flags);
    set(CQ_TAIL, tail + 1);
  }

  private int unread() {
    return get(CQ_TAIL) - get(CQ_HEAD);
  }

  private boolean hasIndexes() {
    return (setup & Uring.SETUP_NO_SQARRAY) == 0;
  }

  private int get(int at) {
    return memory(rings).get(JAVA_INT, at);
  }

  private void set(int at, int value) {
    memory(rings).set(JAVA_INT, at, value);
  }

  private static MemorySegment memory(@Nullable MemorySegment mapped) {
    if (mapped == null) {
      throw new AssertionError("the ring is not mapped yet");
    }
    return mapped;
  }

  private static int powerOfTwo(int atLeast) {
    return Math.min(MOST_ENTRIES, Integer.highestOneBit(Math.max(1, atLeast * 2 - 1)));
  }
}
