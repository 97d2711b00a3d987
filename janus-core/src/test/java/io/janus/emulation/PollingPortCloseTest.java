package io.janus.emulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.contract.Footprint;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.readiness.Poller;
import io.janus.readiness.Ready;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A poller that lets a socket go only later, as that of Windows does, and for once much later. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PollingPortCloseTest {
  private static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);

  private final Map<Long, Long> tokens = new HashMap<>();
  private final List<Long> leaving = new ArrayList<>();
  private boolean letsGo;

  @Test
  void closeThatWaitsInVainThrowsAndCanBeTriedAgain() throws Exception {
    Counters counters = new Counters();
    Footprint before = Footprint.now();
    try (Sockets sockets = Sockets.open(counters); BufferPool pool = new BufferPool(64, 1 << 12)) {
      PollingPort port =
          new PollingPort(hesitating(Poller.open(8, counters)), sockets, pool,
              Limits.defaults(), counters, true);
      for (int i = 0; i < 2; i++) {
        long socket = sockets.open(ANY);
        assertThat(sockets.bind(socket, ANY)).isZero();
        assertThat(sockets.listen(socket, 1)).isZero();
        assertThat(port.accept(port.adopt(socket), 0, i)).isPositive();
      }
      long idle = sockets.open(ANY);
      Buffer mine = Objects.requireNonNull(pool.acquire());
      long option = port.option(port.adopt(idle), 1, 9, mine.putInt(0), 7);
      assertThat(option).isPositive();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(port::close).isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("2 sockets were not let go");
      }
      assertThat(pool.outstanding()).as("buffers are nobody's but the port's").isZero();
      assertThatThrownBy(() -> port.adopt(0)).as("no other verb works")
          .isInstanceOf(IllegalStateException.class);
      letsGo = true;
      port.close();
      port.close();
    }
    assertThat(Footprint.now()).as("descriptors and mapped bytes").isEqualTo(before);
  }

  private Poller hesitating(Poller below) {
    return (Poller) Proxy.newProxyInstance(
        Poller.class.getClassLoader(), new Class<?>[] {Poller.class},
        (proxy, method, arguments) -> answer(below, method, arguments));
  }

  private Object answer(Poller below, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "add" -> {
        Object registration = call(below, method, arguments);
        tokens.put((Long) registration, (Long) arguments[3]);
        return registration;
      }
      case "remove" -> {
        call(below, method, arguments);
        leaving.add(tokens.get((Long) arguments[0]));
        return false;
      }
      case "await" -> {
        Ready out = (Ready) arguments[0];
        out.clear();
        if (letsGo && !leaving.isEmpty()) {
          out.put(leaving.removeFirst(), Ready.GONE);
        }
        return out.count();
      }
      default -> {
        return call(below, method, arguments);
      }
    }
  }

  private static Object call(Poller below, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(below, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
