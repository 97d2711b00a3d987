package io.janus.buffer;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of native memory with one owner at a time. Bytes between {@link #readIndex} and {@link #writeIndex} are readable;
 * room from there to {@link #limit} is writable. A receive fills the room and moves the write index; a send takes the
 * readable bytes and moves the read index.
 *
 * <p>Submitting a buffer gives it away, and the completion gives it back. Any accessor throws {@link IllegalStateException}
 * in between, naming the operation. Raw views made by {@link #segment} and {@link #byteBuffer} are not watched, unless the
 * JVM runs with {@code -Dio.janus.buffer.guard=true}: then they are revoked when the buffer is given away.
 *
 * <p>A buffer is not for several threads at once. Numbers are big-endian, the network's order.
 */
public final class Buffer {
  private static final boolean GUARD = Boolean.getBoolean("io.janus.buffer.guard");
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  final MemorySegment memory;
  private final int capacity;
  final @Nullable BufferPool pool;
  int readIndex;
  int writeIndex;
  int limit;
  byte custody;

  /** The next buffer of the pool's free list; null outside it. */
  @Nullable Buffer next;

  /** Where it was acquired, when the pool watches for leaks. */
  @Nullable Throwable acquiredAt;

  private @Nullable Arena views;

  Buffer(MemorySegment memory, @Nullable BufferPool pool, byte custody) {
    this.memory = memory;
    this.capacity = Math.toIntExact(memory.byteSize());
    this.pool = pool;
    this.limit = capacity;
    this.custody = custody;
  }

  /**
   * A buffer over native memory of the caller, all of it writable room. The memory must never be freed (global scope),
   * because the kernel may write to it at any time until the last completion.
   *
   * @throws IllegalArgumentException for heap memory or memory of an arena that can be closed: use {@link #copyIn(byte[],
   *     int, int)} instead
   */
  public static Buffer over(MemorySegment memory) {
    if (!Objects.requireNonNull(memory, "memory").isNative()
        || !memory.scope().equals(Arena.global().scope())
        || memory.isReadOnly()) {
      throw new IllegalArgumentException(
          "cannot use "
              + memory
              + " as a buffer: only writable native memory of the global arena outlives every operation; copy the bytes in with"
              + " copyIn");
    }
    return new Buffer(memory, null, Custody.OWNED);
  }

  /** Bytes of memory. */
  public int capacity() {
    return capacity;
  }

  /** Readable bytes. */
  public int readable() {
    check();
    return writeIndex - readIndex;
  }

  /** Writable room in bytes, up to the limit. */
  public int writable() {
    check();
    return limit - writeIndex;
  }

  /** Index of the first readable byte. */
  public int readIndex() {
    check();
    return readIndex;
  }

  /** Index behind the last readable byte. */
  public int writeIndex() {
    check();
    return writeIndex;
  }

  /** End of the writable room. */
  public int limit() {
    check();
    return limit;
  }

  /**
   * Sets the end of the writable room, so that a receive takes no more than that.
   *
   * @param newLimit from {@link #writeIndex} to {@link #capacity}
   */
  public Buffer limit(int newLimit) {
    check();
    if (newLimit < writeIndex || newLimit > capacity) {
      throw new IndexOutOfBoundsException(
          "limit " + newLimit + " is outside " + writeIndex + " to " + capacity);
    }
    limit = newLimit;
    return this;
  }

  /** Forgets all bytes; the whole capacity is writable room again. */
  public Buffer clear() {
    check();
    readIndex = 0;
    writeIndex = 0;
    limit = capacity;
    return this;
  }

  /** Drops readable bytes from the front. */
  public Buffer skip(int bytes) {
    readIndex += readableRange(bytes);
    return this;
  }

  /** The readable byte at a distance from the read index, without moving it. */
  public byte byteAt(int distance) {
    check();
    Objects.checkIndex(distance, writeIndex - readIndex);
    return memory.get(JAVA_BYTE, readIndex + (long) distance);
  }

  /** Distance of the first readable byte of this value from the read index, or −1. */
  public int indexOf(byte value) {
    check();
    for (int i = readIndex; i < writeIndex; i++) {
      if (memory.get(JAVA_BYTE, i) == value) {
        return i - readIndex;
      }
    }
    return -1;
  }

  /** Takes one byte. */
  public byte getByte() {
    int at = readIndex;
    readIndex += readableRange(Byte.BYTES);
    return memory.get(JAVA_BYTE, at);
  }

  /** Takes four bytes, big-endian. */
  public int getInt() {
    int at = readIndex;
    readIndex += readableRange(Integer.BYTES);
    return memory.get(INT, at);
  }

  /** Takes eight bytes, big-endian. */
  public long getLong() {
    int at = readIndex;
    readIndex += readableRange(Long.BYTES);
    return memory.get(LONG, at);
  }

  /** Appends one byte. */
  public Buffer putByte(byte value) {
    int at = writeIndex;
    writeIndex += writableRange(Byte.BYTES);
    memory.set(JAVA_BYTE, at, value);
    return this;
  }

  /** Appends four bytes, big-endian. */
  public Buffer putInt(int value) {
    int at = writeIndex;
    writeIndex += writableRange(Integer.BYTES);
    memory.set(INT, at, value);
    return this;
  }

  /** Appends eight bytes, big-endian. */
  public Buffer putLong(long value) {
    int at = writeIndex;
    writeIndex += writableRange(Long.BYTES);
    memory.set(LONG, at, value);
    return this;
  }

  /** Appends a copy of a part of a heap array. */
  public Buffer copyIn(byte[] source, int offset, int bytes) {
    Objects.checkFromIndexSize(offset, bytes, Objects.requireNonNull(source, "source").length);
    int at = writeIndex;
    writeIndex += writableRange(bytes);
    MemorySegment.copy(source, offset, memory, JAVA_BYTE, at, bytes);
    return this;
  }

  /** Appends a copy of a whole heap array. */
  public Buffer copyIn(byte[] source) {
    return copyIn(source, 0, Objects.requireNonNull(source, "source").length);
  }

  /** Appends a copy of a ByteBuffer's remaining bytes, as many as there is room for; moves its position by the result. */
  public int copyIn(ByteBuffer source) {
    int bytes = Math.min(writable(), Objects.requireNonNull(source, "source").remaining());
    MemorySegment from = MemorySegment.ofBuffer(source).asSlice(0, bytes);
    MemorySegment.copy(from, 0, memory, writeIndex, bytes);
    writeIndex += bytes;
    source.position(source.position() + bytes);
    return bytes;
  }

  /** Moves readable bytes of another buffer behind this one's, as many as there is room for, and returns how many. */
  public int copyIn(Buffer source) {
    Objects.requireNonNull(source, "source");
    check();
    source.check();
    int bytes = Math.min(limit - writeIndex, source.writeIndex - source.readIndex);
    MemorySegment.copy(source.memory, source.readIndex, memory, writeIndex, bytes);
    writeIndex += bytes;
    source.readIndex += bytes;
    return bytes;
  }

  /** Takes readable bytes into a heap array. */
  public void copyOut(byte[] target, int offset, int bytes) {
    Objects.checkFromIndexSize(offset, bytes, Objects.requireNonNull(target, "target").length);
    int at = readIndex;
    readIndex += readableRange(bytes);
    MemorySegment.copy(memory, JAVA_BYTE, at, target, offset, bytes);
  }

  /** Takes all readable bytes as a new heap array. */
  public byte[] copyOut() {
    byte[] bytes = new byte[readable()];
    copyOut(bytes, 0, bytes.length);
    return bytes;
  }

  /** Takes all readable bytes as text. */
  public String copyOut(Charset charset) {
    Objects.requireNonNull(charset, "charset");
    return new String(copyOut(), charset);
  }

  /** A raw view of the whole memory; see the class comment for what watches it. */
  public MemorySegment segment() {
    check();
    if (!GUARD) {
      return memory;
    }
    if (views == null) {
      views = Arena.ofShared();
    }
    return memory.reinterpret(views, null);
  }

  /** A raw view of the readable bytes as a ByteBuffer; see the class comment for what watches it. */
  public ByteBuffer byteBuffer() {
    return segment().asSlice(readIndex, readable()).asByteBuffer();
  }

  /** Takes a lent buffer for good: the caller must send or release it. */
  public Buffer keep() {
    if (custody != Custody.LENT) {
      throw misuse("keep");
    }
    custody = Custody.OWNED;
    return this;
  }

  /**
   * Gives the buffer back to its pool, from any thread. A buffer over foreign memory is only marked as released.
   *
   * @throws IllegalStateException if it was released before, is lent, or is in an operation
   */
  public void release() {
    if (custody != Custody.OWNED) {
      throw misuse("release");
    }
    revokeViews();
    if (pool != null) {
      pool.takeBack(this);
    } else {
      custody = Custody.POOLED;
    }
  }

  void checkGivable() {
    if (custody > Custody.LENT) {
      throw misuse("submit");
    }
  }

  void give(byte to) {
    checkGivable();
    revokeViews();
    custody = to;
  }

  void revokeViews() {
    if (GUARD && views != null) {
      views.close();
      views = null;
    }
  }

  private void check() {
    if (custody > Custody.LENT) {
      throw misuse("use");
    }
  }

  private int readableRange(int bytes) {
    check();
    if (bytes < 0 || bytes > writeIndex - readIndex) {
      throw new IndexOutOfBoundsException(
          "cannot take " + bytes + " bytes: " + (writeIndex - readIndex) + " are readable");
    }
    return bytes;
  }

  private int writableRange(int bytes) {
    check();
    if (bytes < 0 || bytes > limit - writeIndex) {
      throw new IndexOutOfBoundsException(
          "cannot put " + bytes + " bytes: room is left for " + (limit - writeIndex));
    }
    return bytes;
  }

  private IllegalStateException misuse(String attempt) {
    return new IllegalStateException(
        "cannot "
            + attempt
            + " this buffer: it is "
            + Custody.word(custody)
            + (custody > Custody.POOLED ? "; wait for the completion, which gives it back" : ""));
  }

  @Override
  public String toString() {
    return "Buffer["
        + Custody.word(custody)
        + ", readable "
        + (writeIndex - readIndex)
        + " of "
        + capacity
        + " bytes]";
  }
}
