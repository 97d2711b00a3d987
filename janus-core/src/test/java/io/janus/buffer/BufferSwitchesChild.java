package io.janus.buffer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A program that keeps raw views too long and loses a buffer; prints what it is told about that. */
final class BufferSwitchesChild {
  private BufferSwitchesChild() {}

  public static void main(String[] arguments) {
    BufferPool pool = new BufferPool(64, BufferPool.bytesOf(64, 16));
    Buffer buffer = pool.acquire();
    buffer.putInt(1);
    MemorySegment view = buffer.segment();
    var bytes = buffer.byteBuffer();
    System.out.println("owned: " + view.get(ValueLayout.JAVA_BYTE, 3) + bytes.get(3));
    Custody.give(buffer, Custody.SEND);
    System.out.println("given away: " + outcome(() -> view.get(ValueLayout.JAVA_BYTE, 3)));
    System.out.println("given away, as ByteBuffer: " + outcome(() -> bytes.get(3)));
    Custody.giveBack(buffer);
    MemorySegment again = buffer.segment();
    System.out.println("given back: " + outcome(() -> again.get(ValueLayout.JAVA_BYTE, 3)));
    buffer.release();
    System.out.println("released: " + outcome(() -> again.get(ValueLayout.JAVA_BYTE, 3)));
    acquireAndForget(pool);
    try {
      pool.close();
    } catch (IllegalStateException leak) {
      System.out.println("close: " + leak.getMessage());
      for (Throwable place : leak.getSuppressed()) {
        System.out.println("acquired at: " + place.getStackTrace()[0].getMethodName() + " < "
            + place.getStackTrace()[1].getMethodName());
      }
    }
  }

  private static void acquireAndForget(BufferPool pool) {
    pool.acquire();
  }

  private interface Access {
    byte read();
  }

  private static String outcome(Access access) {
    try {
      return "reads " + access.read();
    } catch (IllegalStateException refused) {
      return "refused";
    }
  }
}
