package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.socket.Address;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;

/** Connections under test, on one backend and one drive. */
class ManagerTest extends ContractTest {
  static final Limits LIMITS = Limits.defaults().withBlockedMillis(0).withPoolBytes(64 << 20);

  @Parameter(1) Drive drive;

  private final List<Scripted> handlers = new ArrayList<>();
  private final List<Rig> rigs = new ArrayList<>();

  @AfterEach
  void noPromiseAboutCallbacksWasBroken() throws Exception {
    for (Rig rig : rigs) {
      rig.close();
    }
    for (Scripted handler : handlers) {
      assertThat(handler.violations).isEmpty();
      assertThat(handler.closed.get()).as("onClosed calls")
          .isGreaterThanOrEqualTo(handler.connections.size());
    }
    for (Rig rig : rigs) {
      assertThat(rig.budget.used()).as("connections counted at the end").isZero();
      assertThat(rig.reports).noneMatch(report -> report.contains("never released"));
    }
  }

  final Rig rig(Limits limits) throws OsException {
    return keep(new Rig(world, drive, limits));
  }

  final Rig rig(Limits limits, Clock clock) throws OsException {
    return keep(new Rig(world, drive, limits, clock));
  }

  private Rig keep(Rig made) {
    rigs.add(use(made));
    return made;
  }

  final Rig rig() throws OsException {
    return rig(LIMITS);
  }

  /** Watches the handler's callbacks for broken promises. */
  final Scripted watch(Scripted handler) {
    handlers.add(handler);
    return handler;
  }

  final Scripted scripted() {
    return watch(new Scripted());
  }

  final Scripted echo() {
    return watch(Scripted.echo());
  }

  final Peer peer(Address to) {
    return use(new Peer(world, to));
  }

  final Peer slowPeer(Address to) {
    return use(new Peer(world, to, 4096));
  }
}
