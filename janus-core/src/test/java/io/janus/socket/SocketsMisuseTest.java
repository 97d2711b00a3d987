package io.janus.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.limit.Counters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Verbs used after close, where their memory is gone, and on a thread that they do not belong to. */
class SocketsMisuseTest {
  private static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);

  private final BufferPool pool = new BufferPool(64, BufferPool.bytesOf(64, 4));
  private final Sockets sockets = Sockets.open(new Counters());
  private final Buffer empty = Objects.requireNonNull(pool.acquire());
  private final Buffer one = Objects.requireNonNull(pool.acquire()).putInt(1);
  private final Buffer two = Objects.requireNonNull(pool.acquire()).putInt(2);
  private final long socket = sockets.open(ANY);

  @AfterEach
  void giveBack() {
    try (Sockets fresh = Sockets.open(new Counters())) {
      fresh.closeSocket(socket);
    }
    sockets.close();
    empty.release();
    one.release();
    two.release();
    pool.close();
  }

  @Test
  void everyVerbAfterCloseIsRefused() {
    sockets.close();
    sockets.close();
    verbs().forEach((name, verb) -> assertRefused(name, catchThrowable(verb), "closed"));
    assertNothingMoved();
  }

  @Test
  void everyVerbOnAnotherThreadIsRefusedAndLeavesTheOwnersWork() throws Exception {
    Map<String, ThrowingCallable> verbs = verbs();
    verbs.put("close", sockets::close);
    Map<String, Throwable> thrown = new LinkedHashMap<>();
    Thread other = Thread.ofPlatform()
        .name("stranger")
        .start(() -> verbs.forEach((name, verb) -> thrown.put(name, catchThrowable(verb))));
    other.join();
    assertThat(thrown).hasSameSizeAs(verbs);
    thrown.forEach((name, refused) -> assertRefused(name, refused, "stranger"));
    assertNothingMoved();
    assertThat(sockets.bind(socket, ANY)).isZero();
    assertThat(Objects.requireNonNull(sockets.localAddress(socket)).host()).isEqualTo("127.0.0.1");
  }

  @Test
  void numberOfBuffersOutsideItsRangeIsRefused() {
    Buffer[] two = {one, this.two};
    Buffer[] many = new Buffer[Sockets.MAX_GATHER + 1];
    Arrays.fill(many, one);
    for (int count : new int[] {Integer.MIN_VALUE, -1, 0, 17, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> sockets.sendAll(socket, many, count)).as("%d of 17", count)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a gathered send takes 1 to 16 buffers, not " + count);
    }
    assertThatThrownBy(() -> sockets.sendAll(socket, two, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a gathered send takes 1 to 16 buffers, not 3; the array has 2");
    two[1] = null;
    assertThatThrownBy(() -> sockets.sendAll(socket, two, 2))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("buffer");
    assertNothingMoved();
  }

  private Map<String, ThrowingCallable> verbs() {
    Map<String, ThrowingCallable> verbs = new LinkedHashMap<>();
    verbs.put("open", () -> sockets.open(ANY));
    verbs.put("bind", () -> sockets.bind(socket, ANY));
    verbs.put("bind to a path", () -> sockets.bind(socket, new Address.Unix("/nowhere/at/all")));
    verbs.put("listen", () -> sockets.listen(socket, 1));
    verbs.put("accept", () -> sockets.accept(socket));
    verbs.put("connect", () -> sockets.connect(socket, Address.parse("[::1]:1")));
    verbs.put("connectResult", () -> sockets.connectResult(socket));
    verbs.put("receive", () -> sockets.receive(socket, empty));
    verbs.put("send", () -> sockets.send(socket, one));
    verbs.put("sendAll of one", () -> sockets.sendAll(socket, new Buffer[] {one}, 1));
    verbs.put("sendAll of two", () -> sockets.sendAll(socket, new Buffer[] {one, two}, 2));
    for (SocketOption option : SocketOption.values()) {
      verbs.put("setOption " + option, () -> sockets.setOption(socket, option, 1));
      verbs.put("getOption " + option, () -> sockets.getOption(socket, option));
    }
    verbs.put("setOption by numbers", () -> sockets.setOption(socket, 1, 9, one));
    verbs.put("shutdownOutput", () -> sockets.shutdownOutput(socket));
    verbs.put("localAddress", () -> sockets.localAddress(socket));
    verbs.put("peerAddress", () -> sockets.peerAddress(socket));
    verbs.put("closeSocket", () -> sockets.closeSocket(socket));
    return verbs;
  }

  private static void assertRefused(String verb, Throwable refused, String why) {
    assertThat(refused).as(verb)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(why);
  }

  private void assertNothingMoved() {
    assertThat(empty.readable()).isZero();
    assertThat(one.readable()).isEqualTo(4);
    assertThat(two.readable()).isEqualTo(4);
  }
}
