package io.janus.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.contract.Bytes;
import io.janus.ffi.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outbound queue against a plain list of bytes. */
class OutboundTest {
  private static final int BUFFER_BYTES = 4096;

  private final BufferPool pool =
      new BufferPool(BUFFER_BYTES, BufferPool.bytesOf(BUFFER_BYTES, 64));
  private final Outbound outbound = new Outbound();
  private final Buffer[] gather = new Buffer[16];

  @AfterEach
  void everyBufferIsHome() {
    outbound.releaseAll();
    assertThat(pool.outstanding()).isZero();
    pool.close();
  }

  @Test
  void smallSegmentsShareABuffer() {
    for (int i = 0; i < 100; i++) {
      outbound.add(filled(new byte[10]), i);
    }
    assertThat(pool.outstanding()).isEqualTo(1);
    assertThat(outbound.bytes()).isEqualTo(1000);
    assertThat(outbound.first(gather)).isEqualTo(1);
    assertThat(outbound.progress.at()).as("since the first of them").isZero();
  }

  @Test
  void timeCountsFromTheLastProgressAnybodyHasTold() {
    outbound.add(filled(new byte[10]), 100);
    outbound.add(filled(new byte[10]), 200);
    Progress progress = outbound.progress;
    assertThat(progress.at()).isEqualTo(100);
    progress.made(300);
    assertThat(progress.at()).isEqualTo(300);
    assertThat(progress.askAt(25)).isEqualTo(325);
    assertThat(progress.answered(400, 7000)).as("a first answer is no news").isFalse();
    assertThat(progress.at()).as("it may just have come").isEqualTo(400);
    assertThat(progress.answered(450, 7000)).isFalse();
    assertThat(progress.at()).isEqualTo(400);
    assertThat(progress.askAt(25)).isEqualTo(475);
    assertThat(progress.answered(500, 7001)).isTrue();
    assertThat(progress.at()).isEqualTo(500);
    assertThat(progress.answered(600, ErrorCode.NOT_SUPPORTED)).isFalse();
    assertThat(progress.at()).isEqualTo(500);
  }

  @Test
  void queueThatCannotAskGoesByWhatItIsTold() {
    outbound.add(filled(new byte[10]), 100);
    assertThat(outbound.progress.answered(200, ErrorCode.NOT_SUPPORTED)).isFalse();
    assertThat(outbound.progress.at()).isEqualTo(100);
  }

  @Test
  void queueUsedAgainRemembersNothingOfItsLastConnection() {
    outbound.add(filled(new byte[10]), 100);
    outbound.progress.answered(200, 7000);
    outbound.releaseAll();
    outbound.add(filled(new byte[10]), 300);
    assertThat(outbound.progress.at()).isEqualTo(300);
    assertThat(outbound.progress.answered(400, 5)).as("a first answer").isFalse();
    assertThat(outbound.progress.at()).isEqualTo(400);
  }

  /** Whatever a sender has skipped in front or left behind a limit, and however few bytes each send of some of them takes. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void memoryIsAtMostTwiceTheBytesAndThreeBuffers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteArrayOutputStream added = new ByteArrayOutputStream();
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    int largest = random.nextInt(20, BUFFER_BYTES);
    for (int step = 0; step < 3_000; step++) {
      int inFlight = outbound.first(gather);
      outbound.submit(inFlight);
      for (int i = 0; i < inFlight; i++) {
        Custody.give(gather[i], Custody.SEND);
      }
      while (random.nextInt(3) > 0 && pool.outstanding() < 40) {
        addSkipped(random, Bytes.pattern(random.nextInt(largest), step), added);
        assertMemory();
      }
      int amount = take(inFlight, random.nextInt(random.nextBoolean() ? 5 : 9_000), sent);
      Custody.sent(gather, inFlight, amount);
      Custody.giveBackAll(gather, inFlight);
      outbound.landed();
      outbound.sent(amount);
      assertMemory();
    }
    while (!outbound.isEmpty()) {
      sendSome(random, sent);
    }
    assertThat(sent.toByteArray()).isEqualTo(added.toByteArray());
  }

  private void addSkipped(SplittableRandom random, byte[] bytes, ByteArrayOutputStream added) {
    int skipped = random.nextInt(BUFFER_BYTES - bytes.length);
    Buffer buffer = filled(new byte[skipped]).skip(skipped).copyIn(bytes);
    outbound.add(random.nextBoolean() ? buffer.limit(buffer.writeIndex()) : buffer, 0);
    added.writeBytes(bytes);
  }

  private void assertMemory() {
    assertThat(pool.outstanding() * BUFFER_BYTES).as("memory of " + outbound.bytes() + " bytes")
        .isLessThanOrEqualTo(2 * outbound.bytes() + 3 * BUFFER_BYTES);
  }

  /** Sums of several gibibytes stay large instead of turning negative, so that a full queue stays full. */
  @Test
  void largeBuffersAreCountedWithoutOverflow() {
    MemorySegment neverTouched = MemorySegment.ofAddress(4096).reinterpret(1L << 30);
    for (int i = 0; i < 5; i++) {
      Buffer large = Buffer.over(neverTouched);
      Custody.received(large, 1 << 30);
      outbound.add(large, i);
      assertThat(outbound.bytes()).isGreaterThanOrEqualTo(1 << 30);
    }
    outbound.sent(0);
    assertThat(outbound.bytes()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void pinnedSegmentsLeaveTheQueueAndStayWithTheirSend() {
    for (int i = 0; i < 3; i++) {
      outbound.add(filled(new byte[BUFFER_BYTES]), i);
    }
    outbound.first(gather);
    outbound.submit(2);
    Custody.giveAll(gather, 2, Custody.SEND);
    PinnedSends pinned = new PinnedSends();
    PinnedSends.Send send = pinned.begin(7, outbound.first());
    // All of it, although only a part is told yet: two completions of one send were in the port's last batch.
    Custody.sent(gather, 2, 2 * BUFFER_BYTES);
    outbound.sentPinned(BUFFER_BYTES + 96, pinned, send);
    assertThat(outbound.bytes()).isEqualTo(2 * BUFFER_BYTES - 96);
    assertThat(outbound.hasLanded()).as("the second is sent in part").isFalse();
    assertThat(pinned.bytes()).isEqualTo(BUFFER_BYTES);
    assertThat(pinned.newest(7)).isSameAs(send);
    assertThat(pinned.newest(8)).isNull();
    outbound.sentPinned(BUFFER_BYTES - 96, pinned, send);
    assertThat(outbound.hasLanded()).isTrue();
    assertThat(pool.outstanding()).as("nothing has come home yet").isEqualTo(3);
    assertThat(pinned.remove(gather[1])).as("only the first names a send").isNull();
    Custody.giveBackAll(gather, 2);
    pinned.release(Objects.requireNonNull(pinned.remove(gather[0])));
    assertThat(pinned.isEmpty()).isTrue();
    assertThat(pinned.bytes()).isZero();
    assertThat(pool.outstanding()).isEqualTo(1);
  }

  @Test
  void segmentInFlightNeverGrowsOrMoves() {
    outbound.add(filled(Bytes.of("in flight")), 1);
    outbound.first(gather);
    outbound.submit(1);
    Custody.give(gather[0], Custody.SEND);
    Buffer inFlight = gather[0];
    outbound.add(filled(Bytes.of("later")), 2);
    assertThat(Custody.readable(inFlight)).isEqualTo(9);
    assertThat(pool.outstanding()).isEqualTo(2);
    Custody.giveBack(inFlight);
    outbound.landed();
    assertThat(Custody.of(inFlight)).isEqualTo(Custody.QUEUED);
    assertThat(outbound.first(gather)).isEqualTo(2);
  }

  @Test
  void queuedBufferIsNotTheSendersAnyMore() {
    Buffer buffer = filled(new byte[3000]);
    outbound.add(buffer, 0);
    assertThatThrownBy(buffer::readable).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("queued for sending");
    assertThatThrownBy(() -> outbound.add(buffer, 0)).isInstanceOf(IllegalStateException.class);
    assertThat(outbound.bytes()).isEqualTo(3000);
  }

  @Test
  void emptyBufferGoesStraightHome() {
    outbound.add(acquire(), 0);
    assertThat(outbound.isEmpty()).isTrue();
    assertThat(pool.outstanding()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void sendsExactlyWhatWasAddedInOrderUnderRandomShortCounts(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteArrayOutputStream added = new ByteArrayOutputStream();
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (int step = 0; step < 5_000; step++) {
      if (random.nextBoolean() && pool.outstanding() < 60) {
        byte[] bytes = Bytes.pattern(random.nextInt(random.nextBoolean() ? 50 : 4000), step);
        added.writeBytes(bytes);
        outbound.add(filled(bytes), step);
      } else if (!outbound.isEmpty()) {
        sendSome(random, sent);
      }
      assertThat(outbound.bytes()).isEqualTo(added.size() - sent.size());
    }
    while (!outbound.isEmpty()) {
      sendSome(random, sent);
    }
    assertThat(sent.toByteArray()).isEqualTo(added.toByteArray());
  }

  private void sendSome(SplittableRandom random, ByteArrayOutputStream sent) {
    int count = outbound.first(gather);
    int total = 0;
    for (int i = 0; i < count; i++) {
      total += Custody.readable(gather[i]);
    }
    int amount = take(count, random.nextInt(total + 1), sent);
    Custody.sent(gather, count, amount);
    outbound.sent(amount);
  }

  /** Reads bytes of the gathered segments as a kernel does, without moving their indexes, and returns how many. */
  private int take(int count, int most, ByteArrayOutputStream sent) {
    int left = most;
    for (int i = 0; i < count && left > 0; i++) {
      int part = Math.min(left, Custody.readable(gather[i]));
      byte[] bytes = new byte[part];
      for (int b = 0; b < part; b++) {
        bytes[b] = Custody.memory(gather[i])
            .get(java.lang.foreign.ValueLayout.JAVA_BYTE, Custody.readIndex(gather[i]) + (long) b);
      }
      sent.writeBytes(bytes);
      left -= part;
    }
    return most - left;
  }

  private Buffer acquire() {
    return Objects.requireNonNull(pool.acquire());
  }

  private Buffer filled(byte[] bytes) {
    return acquire().copyIn(bytes);
  }
}
