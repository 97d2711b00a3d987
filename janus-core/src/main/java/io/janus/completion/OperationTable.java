package io.janus.completion;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.limit.SlotArray;
import io.janus.socket.Sockets;
import org.jspecify.annotations.Nullable;

/**
 * The operations in flight of one port: one slot each, from submit to last completion. A slot's name outside is {@code slot
 * | generation << 32}, so a late cancel or completion of an operation that is over never meets its successor. A backend keeps
 * its native part (OVERLAPPED, msghdr) by the same slot number.
 *
 * <p>A slot is one object, not a row over several arrays: an operation then costs one cache line, which made the emulation a
 * third cheaper.
 */
public final class OperationTable {
  /** No slot. */
  public static final int NONE = -1;

  /** In the place of the next free slot, while a slot is taken. */
  private static final int TAKEN = -2;

  private static final int GENERATION_MASK = 0x3fff_ffff;

  /** What is known of the operation in one slot; stays with the slot and serves one operation after another. */
  private static final class Slot {
    Operation kind = Operation.POST;
    int generation = 1;
    int nextFree;
    long token;
    long handle;
    @Nullable Buffer buffer;

    /** Made by the first gathered send of the slot. */
    @Nullable Gather gather;
  }

  /**
   * The buffers of a gathered send. Stays with its slot: slots are reused last in, first out, so few ever have one, and a busy
   * one makes no garbage.
   */
  private static final class Gather {
    final Buffer[] buffers = new Buffer[Sockets.MAX_GATHER];
    int count;
  }

  private final int capacity;
  private final SlotArray<Slot> slots = new SlotArray<>();
  private int free = NONE;

  /** Slots that were ever used; those behind have no object yet. */
  private int used;

  private int inFlight;

  /**
   * @param capacity most operations in flight
   */
  public OperationTable(int capacity) {
    this.capacity = capacity;
  }

  /** Takes a slot, or {@link #NONE} if all are in flight. */
  public int take(Operation kind, long token, long handle, @Nullable Buffer buffer) {
    int index = free;
    Slot slot;
    if (index == NONE) {
      if (used == capacity) {
        return NONE;
      }
      if (used == slots.length()) {
        slots.grow();
      }
      index = used++;
      slot = new Slot();
      slots.set(index, slot);
    } else {
      slot = slots.get(index);
      free = slot.nextFree;
    }
    slot.nextFree = TAKEN;
    slot.kind = kind;
    slot.token = token;
    slot.handle = handle;
    slot.buffer = buffer;
    inFlight++;
    return index;
  }

  /** Remembers the buffers of a gathered send. */
  public void gather(int index, Buffer[] from, int count) {
    Slot slot = slots.get(index);
    Gather kept = slot.gather;
    if (kept == null) {
      kept = new Gather();
      slot.gather = kept;
    }
    System.arraycopy(from, 0, kept.buffers, 0, count);
    kept.count = count;
  }

  /** Frees the slot after the last completion. */
  public void release(int index) {
    forgetBuffers(index);
    Slot slot = slots.get(index);
    slot.generation = slot.generation == GENERATION_MASK ? 1 : slot.generation + 1;
    slot.nextFree = free;
    free = index;
    inFlight--;
  }

  /** The operation's name outside, above zero. */
  public long id(int index) {
    return index | (long) slots.get(index).generation << 32;
  }

  /** The slot of an operation in flight, or {@link #NONE} if it is over. */
  public int find(long id) {
    int index = (int) id;
    return id > 0 && index >= 0 && index < used && id(index) == id ? index : NONE;
  }

  /** The first slot in flight from this one on, or {@link #NONE}; what is taken or released meanwhile does no harm. */
  public int nextInFlight(int from) {
    for (int index = from; index < used; index++) {
      if (slots.get(index).nextFree == TAKEN) {
        return index;
      }
    }
    return NONE;
  }

  /** True if no further operation can be taken. */
  public boolean isFull() {
    return inFlight == capacity;
  }

  /** Operations in flight. */
  public int inFlight() {
    return inFlight;
  }

  /** What the operation in the slot is. */
  public Operation kind(int index) {
    return slots.get(index).kind;
  }

  /** The caller's token. */
  public long token(int index) {
    return slots.get(index).token;
  }

  /** The handle it works on. */
  public long handle(int index) {
    return slots.get(index).handle;
  }

  /** The buffer it holds, if any. */
  public @Nullable Buffer buffer(int index) {
    return slots.get(index).buffer;
  }

  /** Hands the operation a buffer that came after its submit. */
  public void setBuffer(int index, @Nullable Buffer buffer) {
    slots.get(index).buffer = buffer;
  }

  /** Leaves the buffers to the caller. */
  public void forgetBuffers(int index) {
    Slot slot = slots.get(index);
    slot.buffer = null;
    if (slot.gather != null) {
      slot.gather.count = 0;
    }
  }

  /** How many buffers a gathered send has; 0 for everything else. */
  public int gatherCount(int index) {
    Gather kept = slots.get(index).gather;
    return kept == null ? 0 : kept.count;
  }

  /** The buffers of a gathered send, the first {@link #gatherCount} of the array; never kept by the caller. */
  public Buffer[] gather(int index) {
    Gather kept = slots.get(index).gather;
    if (kept == null) {
      throw new IllegalStateException("operation " + index + " is no gathered send");
    }
    return kept.buffers;
  }

  /** Gives the buffers of an operation that has ended back to the application. */
  public void giveBack(int index) {
    Buffer single = buffer(index);
    int count = gatherCount(index);
    if (count > 0) {
      Custody.giveBackAll(gather(index), count);
    } else if (single != null) {
      Custody.giveBack(single);
    }
  }

  /** Gives them back to their pools, for an operation that nobody will hear of any more. */
  public void releaseBuffers(int index) {
    giveBack(index);
    Buffer single = buffer(index);
    int count = gatherCount(index);
    for (int i = 0; i < count; i++) {
      gather(index)[i].release();
    }
    if (count == 0 && single != null) {
      single.release();
    }
    forgetBuffers(index);
  }
}
