package io.janus.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferTest {
  private final BufferPool pool = new BufferPool(64, BufferPool.bytesOf(64, 16));
  private final Buffer buffer = pool.acquire();

  @AfterEach
  void everyBufferIsHome() {
    if (Custody.of(buffer) == Custody.OWNED) {
      buffer.release();
    }
    pool.close();
  }

  @Test
  void numbersAreBigEndian() {
    buffer.putInt(0x01020304).putLong(0x05060708090a0b0cL).putByte((byte) -1);
    assertThat(buffer.byteAt(0)).isEqualTo((byte) 1);
    assertThat(buffer.byteAt(4)).isEqualTo((byte) 5);
    assertThat(buffer.getInt()).isEqualTo(0x01020304);
    assertThat(buffer.getLong()).isEqualTo(0x05060708090a0b0cL);
    assertThat(buffer.getByte()).isEqualTo((byte) -1);
    assertThat(buffer.readable()).isZero();
  }

  @Test
  void limitBoundsTheRoomAndClearTakesItBack() {
    buffer.putInt(1).limit(6);
    assertThat(buffer.writable()).isEqualTo(2);
    assertThatThrownBy(() -> buffer.putInt(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.limit(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.limit(65)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(buffer.readable()).as("a refused put changes nothing").isEqualTo(4);
    assertThat(buffer.clear().writable()).isEqualTo(64);
  }

  @Test
  void readingBeyondTheBytesIsRefusedAndChangesNothing() {
    buffer.putByte((byte) 7);
    assertThatThrownBy(buffer::getInt).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(buffer::getLong).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.skip(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.skip(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.byteAt(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.copyOut(new byte[2], 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(buffer.getByte()).isEqualTo((byte) 7);
  }

  @Test
  void copyMovesOnlyWhatFits() {
    Buffer source = pool.acquire();
    source.copyIn(new byte[40]);
    buffer.copyIn(new byte[50]);
    assertThat(buffer.copyIn(source)).isEqualTo(14);
    assertThat(source.readable()).isEqualTo(26);
    ByteBuffer heap = ByteBuffer.wrap(new byte[] {1, 2, 3});
    assertThat(buffer.clear().limit(2).copyIn(heap)).isEqualTo(2);
    assertThat(heap.remaining()).isEqualTo(1);
    assertThat(buffer.getByte()).isEqualTo((byte) 1);
    source.release();
  }

  @Test
  void indexOfFindsTheDistanceFromTheReadIndex() {
    buffer.copyIn("a:b:c".getBytes(StandardCharsets.UTF_8)).skip(2);
    assertThat(buffer.indexOf((byte) ':')).isEqualTo(1);
    assertThat(buffer.indexOf((byte) 'a')).isEqualTo(-1);
    assertThat(buffer.copyOut(StandardCharsets.UTF_8)).isEqualTo("b:c");
  }

  @Test
  void behavesLikeAByteQueueUnderRandomPutsAndTakes() {
    SplittableRandom random = new SplittableRandom(3);
    byte put = 0;
    byte taken = 0;
    for (int i = 0; i < 10_000; i++) {
      if (buffer.writable() > 0 && random.nextBoolean()) {
        buffer.putByte(put++);
      } else if (buffer.readable() > 0) {
        assertThat(buffer.getByte()).isEqualTo(taken++);
      } else {
        buffer.clear();
      }
    }
  }

  @Test
  void everyAccessorThrowsWhileAnotherHasTheBuffer() {
    byte[] holders = {Custody.QUEUED, Custody.RECEIVE, Custody.SEND, Custody.OPTION};
    String[] words = {"queued for sending", "given to a receive", "given to a send",
      "given to an option call"};
    for (int i = 0; i < holders.length; i++) {
      Custody.give(buffer, holders[i]);
      for (Runnable touch : new Runnable[] {buffer::readable, buffer::writable, buffer::readIndex,
        buffer::writeIndex, buffer::limit, () -> buffer.limit(1), buffer::clear,
        () -> buffer.skip(0), () -> buffer.byteAt(0), () -> buffer.indexOf((byte) 0),
        buffer::getByte, buffer::getInt, buffer::getLong, () -> buffer.putByte((byte) 0),
        () -> buffer.putInt(0), () -> buffer.putLong(0), () -> buffer.copyIn(new byte[0]),
        () -> buffer.copyIn(ByteBuffer.allocate(0)), buffer::copyOut, buffer::segment,
        buffer::byteBuffer, buffer::release, buffer::keep,
        () -> Custody.give(buffer, Custody.SEND)}) {
        assertThatThrownBy(touch::run).isInstanceOf(IllegalStateException.class)
            .hasMessageContaining(words[i])
            .hasMessageContaining("wait for the completion");
      }
      assertThat(buffer.toString()).contains(words[i]);
      Custody.giveBack(buffer);
    }
  }

  @Test
  void releasedBufferCannotBeUsedOrReleasedAgain() {
    buffer.release();
    assertThatThrownBy(buffer::readable).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("released");
    assertThatThrownBy(buffer::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void lentBufferCanBeKeptButNotReleased() {
    Custody.lend(buffer);
    assertThatThrownBy(buffer::release).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("lent");
    assertThat(buffer.keep()).isSameAs(buffer);
    assertThat(Custody.endLoan(buffer)).as("kept, so not the lender's").isFalse();
    assertThatThrownBy(buffer::keep).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void onlyNativeMemoryThatIsNeverFreedCanBeABuffer() {
    assertThatThrownBy(() -> Buffer.over(MemorySegment.ofArray(new byte[8])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("copyIn");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mortal = arena.allocate(8);
      assertThatThrownBy(() -> Buffer.over(mortal)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Buffer.over(Arena.ofAuto().allocate(8)))
        .isInstanceOf(IllegalArgumentException.class);
    MemorySegment immortal = Arena.global().allocate(8);
    assertThatThrownBy(() -> Buffer.over(immortal.asReadOnly()))
        .isInstanceOf(IllegalArgumentException.class);
    Buffer over = Buffer.over(immortal).putInt(5);
    assertThat(over.getInt()).isEqualTo(5);
    over.release();
    assertThatThrownBy(over::readable).isInstanceOf(IllegalStateException.class);
  }
}
