package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringSqe;
import java.lang.foreign.MemorySegment;

/**
 * One entry of a submission ring, as the kernel has copied it.
 *
 * @param how ioprio: the operation's own flags
 * @param operationFlags the second word of the length: flags of the system call
 * @param fileIndex file_index, or optlen
 */
record SimEntry(
    int opcode,
    int flags,
    int how,
    int fd,
    long off,
    long address,
    int length,
    int operationFlags,
    long userData,
    int bufferGroup,
    int fileIndex,
    long thirdAddress) {

  static SimEntry at(MemorySegment entries, int index) {
    long at = index * UringSqe.BYTES;
    return new SimEntry(
        entries.get(JAVA_BYTE, at) & 0xff,
        entries.get(JAVA_BYTE, at + 1) & 0xff,
        entries.get(JAVA_SHORT, at + 2) & 0xffff,
        entries.get(JAVA_INT, at + 4),
        entries.get(JAVA_LONG, at + 8),
        entries.get(JAVA_LONG, at + 16),
        entries.get(JAVA_INT, at + 24),
        entries.get(JAVA_INT, at + 28),
        entries.get(JAVA_LONG, at + 32),
        entries.get(JAVA_SHORT, at + 40) & 0xffff,
        entries.get(JAVA_INT, at + 44),
        entries.get(JAVA_LONG, at + 48));
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  boolean isMultishot() {
    return switch (opcode) {
      case Uring.OP_ACCEPT -> (how & Uring.ACCEPT_MULTISHOT) != 0;
      case Uring.OP_RECV -> (how & Uring.RECV_MULTISHOT) != 0;
      case Uring.OP_POLL_ADD -> (length & Uring.POLL_MULTISHOT) != 0;
      default -> false;
    };
  }

  boolean isSend() {
    return opcode == Uring.OP_SEND || opcode == Uring.OP_SENDMSG || isUncopied();
  }

  boolean isUncopied() {
    return opcode == Uring.OP_SEND_ZC || opcode == Uring.OP_SENDMSG_ZC;
  }
}
