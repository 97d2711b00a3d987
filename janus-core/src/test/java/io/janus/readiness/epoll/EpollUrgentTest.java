package io.janus.readiness.epoll;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Wait;
import io.janus.limit.Counters;
import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import io.janus.readiness.Trigger;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Urgent data (MSG_OOB of a peer) on real sockets. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EpollUrgentTest {
  private static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
  private static final long TOKEN = 7;
  private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(5);

  private final Ready ready = new Ready(8);

  @Test
  void urgentInterestHearsOfUrgentDataAndOfNothingElse() throws Exception {
    try (EpollPoller poller = EpollPoller.open(8, new Counters());
        Sockets sockets = Sockets.open(new Counters())) {
      long listener = sockets.open(ANY);
      assertThat(sockets.bind(listener, ANY)).isZero();
      assertThat(sockets.listen(listener, 8)).isZero();
      try (Socket peer = new Socket("127.0.0.1", sockets.localAddress(listener).port())) {
        long near = accept(sockets, listener);
        long registration = poller.add(near, Interest.URGENT, Trigger.LEVEL, TOKEN);
        assertThat(registration).isPositive();
        peer.getOutputStream().write(1);
        assertThat(poller.await(ready, SHORT)).as("events of plain bytes").isZero();
        peer.sendUrgentData(2);
        awaitEvent(poller);
        assertThat(ready.token(0)).isEqualTo(TOKEN);
        assertThat(ready.bits(0)).isEqualTo(Ready.URGENT);
        assertThat(poller.change(registration, Interest.READ | Interest.URGENT)).isZero();
        awaitEvent(poller);
        assertThat(ready.bits(0)).isEqualTo(Ready.READ | Ready.URGENT);
        assertThat(poller.change(registration, Interest.READ)).isZero();
        awaitEvent(poller);
        assertThat(ready.bits(0)).as("urgent data nobody asked for").isEqualTo(Ready.READ);
        poller.remove(registration);
        sockets.closeSocket(near);
      }
      sockets.closeSocket(listener);
    }
  }

  private void awaitEvent(EpollPoller poller) {
    Wait.until("an event comes", () -> poller.await(ready, SHORT) == 1, () -> {});
  }

  private static long accept(Sockets sockets, long listener) {
    long[] near = {-1};
    Wait.until("the connection is accepted", () -> (near[0] = sockets.accept(listener)) >= 0);
    return near[0];
  }
}
