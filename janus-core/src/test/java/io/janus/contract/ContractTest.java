package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.socket.Sockets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/**
 * One contract test on one backend: opens the world before each test, closes what the test opened after it, newest first, and
 * checks that every descriptor and every mapped byte has come back.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ContractTest {
  @Parameter(0) Worlds.Entry entry;

  World world;
  Sockets sockets;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Footprint before;

  @BeforeEach
  void openWorld() {
    before = Footprint.now();
    world = entry.maker().get();
    sockets = world.sockets();
    opened.push(world);
  }

  @AfterEach
  void everythingHasComeBack() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    assertThat(Footprint.now()).as("descriptors and mapped bytes after the test").isEqualTo(before);
  }

  /** Is closed after the test. */
  final <T extends AutoCloseable> T use(T resource) {
    opened.push(resource);
    return resource;
  }

  /** A connected pair of sockets. */
  final SocketPair pair() {
    return use(new SocketPair(world));
  }
}
