package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.linux.UringSqe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The submission entries of all rings of this process, to change them before the kernel sees them. */
public final class UringEntries {
  /** One entry. */
  public record Entry(MemorySegment memory) {
    public int opcode() {
      return Byte.toUnsignedInt(memory.get(JAVA_BYTE, 0));
    }

    void setOpcode(int opcode) {
      memory.set(JAVA_BYTE, 0, (byte) opcode);
    }

    void addFlag(int flag) {
      memory.set(JAVA_BYTE, 1, (byte) (memory.get(JAVA_BYTE, 1) | flag));
    }

    /** Flags of a receive or send. */
    int how() {
      return memory.get(JAVA_SHORT, 2);
    }

    /** Adds to the flags of a receive's or send's message; false if they were there already. */
    boolean addMessageFlag(int flag) {
      int before = memory.get(JAVA_INT, 28);
      memory.set(JAVA_INT, 28, before | flag);
      return (before & flag) == 0;
    }

    /** Of a cancel, the name of what it is to end. */
    long target() {
      return memory.get(JAVA_LONG, 16);
    }

    long name() {
      return memory.get(JAVA_LONG, 32);
    }

    public void setName(long userData) {
      memory.set(JAVA_LONG, 32, userData);
    }

    void setBufferGroup(int group) {
      memory.set(JAVA_SHORT, 40, (short) group);
    }

    /** The bound of a repeated receive. */
    int most() {
      return memory.get(JAVA_INT, 44);
    }
  }

  /** No kernel knows it, and answers EINVAL. */
  static final int UNKNOWN_OPCODE = 255;

  private UringEntries() {}

  /** Shows every entry, those that the kernel has taken long ago as well. */
  public static void forEach(Consumer<Entry> action) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
        String[] fields = line.split(" +");
        if (line.endsWith("anon_inode:[io_uring]") && Long.parseLong(fields[2], 16) != 0) {
          String[] range = fields[0].split("-");
          long from = Long.parseUnsignedLong(range[0], 16);
          long bytes = Long.parseUnsignedLong(range[1], 16) - from;
          MemorySegment entries = MemorySegment.ofAddress(from).reinterpret(bytes);
          for (long at = 0; at < bytes; at += UringSqe.BYTES) {
            action.accept(new Entry(entries.asSlice(at, UringSqe.BYTES)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
