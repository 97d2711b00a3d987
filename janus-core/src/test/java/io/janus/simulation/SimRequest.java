package io.janus.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One operation of a simulated ring, from the taking of its entry to its last completion. */
final class SimRequest {
  /** Not known yet. */
  static final int NONE = Integer.MIN_VALUE;

  /** A range of the program's memory. */
  record Range(long address, int bytes) {}

  final SimEntry entry;

  /** The file that it holds, as the kernel does until the end; null where it has none. */
  final @Nullable SimSocket socket;

  /** What is sent, copied out of the entry and its header when the entry was taken. */
  final List<Range> ranges = new ArrayList<>();

  /** When the kernel goes on with it; 0 while nobody has woken it. */
  long ripeAt;

  boolean ended;
  boolean cancelled;

  /** The result that a worker thread has brought. */
  int answer = NONE;

  /** A worker thread waits inside it, and a cancel calls that off by EINTR. */
  boolean inWorker;

  /** Which provided buffer the worker has picked, as the flags of a completion; 0 = none. */
  int pickedFlags;

  /** Bytes of a repeated receive so far. */
  int received;

  /** An uncopied send: its result is out, and the memory is the kernel's until the peer has read up to here. */
  boolean lingers;

  long until;

  SimRequest(SimEntry entry, @Nullable SimSocket socket) {
    this.entry = entry;
    this.socket = socket;
  }

  SimSocket file() {
    SimSocket held = socket;
    if (held == null) {
      throw new AssertionError("operation " + entry.opcode() + " has no file");
    }
    return held;
  }
}
