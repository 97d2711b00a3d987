package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import io.janus.buffer.BufferPool;
import io.janus.cli.terminal.HostSystem;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.PortOptions;
import io.janus.completion.SharedPort;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Sockets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program on the module path, as this one is, has a bare port and a shared port on each engine by exported packages alone. */
@Timeout(60)
class PortFromAnotherModuleTest {
  private static final Limits LIMITS = Limits.defaults();

  @Test
  void this_is_another_module() {
    assertThat(CompletionPort.class.getModule().isNamed()).isTrue();
    assertThat(getClass().getModule()).isNotEqualTo(CompletionPort.class.getModule());
  }

  @Test
  void native_port_opens_by_its_contract() throws Exception {
    Engine engine = HostSystem.WINDOWS ? Engine.IOCP : Engine.URING;
    assumeTrue(engine.refusal().isEmpty(), engine.refusal());
    Counters counters = new Counters();
    try (Sockets sockets = Sockets.open(counters);
        BufferPool pool = new BufferPool(LIMITS.bufferBytes(), LIMITS.poolBytes());
        CompletionPort port =
            CompletionPort.open(sockets, pool, LIMITS, counters, PortOptions.defaults())) {
      assertPosts(port);
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void shared_port_stands_on_each_engine(Engine engine) throws Exception {
    assumeTrue(engine.refusal().isEmpty(), engine.refusal());
    try (SharedPort port = SharedPort.open("owner", 16, LIMITS, new Below(engine.id()))) {
      Completions done = new Completions(1);
      assertThat(port.post(1, 2)).isTrue();
      assertThat(port.take(done, CompletionPort.FOREVER)).isOne();
      assertThat(done.operation(0)).isEqualTo(Operation.POST);
      assertThat(done.result(0)).isEqualTo(2);
    }
  }

  private static Stream<Engine> engines() {
    return Arrays.stream(Engine.values())
        .filter(engine -> engine.isOfThisSystem() && engine.face().equals("completion"));
  }

  private static void assertPosts(CompletionPort port) {
    Completions done = new Completions(1);
    assertThat(port.post(3, 4)).isTrue();
    while (port.await(done, CompletionPort.FOREVER) == 0) {
      assertThat(done.count()).isZero();
    }
    assertThat(done.token(0)).isEqualTo(3);
  }

  private static final class Below implements SharedPort.Foundation {
    private final String engine;
    private final Counters counters = new Counters();
    private Sockets sockets;
    private BufferPool pool;

    Below(String engine) {
      this.engine = engine;
    }

    @Override
    public CompletionPort open() throws OsException {
      sockets = Sockets.open(counters);
      pool = new BufferPool(LIMITS.bufferBytes(), LIMITS.poolBytes());
      return Engine.openPort(engine, sockets, pool, LIMITS, counters, PortOptions.defaults())
          .port();
    }

    @Override
    public void free() {
      pool.close();
      sockets.close();
    }
  }
}
