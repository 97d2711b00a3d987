package io.janus.contract;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Bytes that came, in order; any thread. */
public final class Bytes {
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();

  /** The bytes of a text. */
  public static byte[] of(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Bytes that do not repeat themselves; the same for the same seed. */
  public static byte[] pattern(int length, long seed) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  public synchronized void append(byte[] bytes) {
    collected.write(bytes, 0, bytes.length);
  }

  public synchronized int size() {
    return collected.size();
  }

  public synchronized byte[] toArray() {
    return collected.toByteArray();
  }

  @Override
  public synchronized String toString() {
    return collected.toString(StandardCharsets.UTF_8);
  }
}
