package io.janus.simulation;

/** Bytes on their way, in order, up to a capacity. */
final class ByteQueue {
  private final byte[] bytes;
  private int head;
  private int size;

  ByteQueue(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  int room() {
    return bytes.length - size;
  }

  void put(byte[] from, int at, int count) {
    int tail = (head + size) % bytes.length;
    int first = Math.min(count, bytes.length - tail);
    System.arraycopy(from, at, bytes, tail, first);
    System.arraycopy(from, at + first, bytes, 0, count - first);
    size += count;
  }

  void take(byte[] to, int at, int count) {
    int first = Math.min(count, bytes.length - head);
    System.arraycopy(bytes, head, to, at, first);
    System.arraycopy(bytes, 0, to, at + first, count - first);
    head = (head + count) % bytes.length;
    size -= count;
  }

  void moveTo(ByteQueue other, int count) {
    for (int i = 0; i < count; i++) {
      other.bytes[(other.head + other.size) % other.bytes.length] = bytes[head];
      other.size++;
      head = (head + 1) % bytes.length;
    }
    size -= count;
  }

  void clear() {
    size = 0;
  }
}
