package io.janus.simulation;

import io.janus.buffer.BufferPool;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.ffi.OsException;
import io.janus.loop.EventLoop;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One seed: a real loop, manager and, where there is one, emulation, on a simulated network. First everything may go wrong;
 * then faults cease and all that was begun must end.
 */
final class Simulation {
  private static final int MOST_TURNS = 400_000;
  private static final int MOST_TURNS_WITHOUT_PROGRESS = 200;
  private static final long LOOK_IN_NANOS = 10_000 * SimNetwork.MILLI;
  private static final long MOST_CALM_NANOS = 300_000 * SimNetwork.MILLI;
  private final Trace trace;
  private final Checks checks = new Checks();
  private final SimNetwork network;
  private final Plan plan;
  private final SimWorld world;
  private final EventLoop loop;
  private final ConnectionBudget budget;
  private final Scene scene;
  private final SimHandler clients;
  private @Nullable ConnectionManager manager;
  private long lastProgress;
  private int turnsWithoutProgress;
  private int turns;

  /** What a seed came to. */
  record Outcome(long hash, long happenings, int turns, @Nullable Throwable failure,
      Set<String> kinds, List<String> lastLines) {}

  private Simulation(Backend backend, long seed, PlantedBug bug, boolean keepsLines) {
    Dice dice = new Dice(seed);
    trace = new Trace(keepsLines);
    network = new SimNetwork(dice, trace, checks, Faults.of(dice));
    plan = new Plan(dice);
    network.bufferBytes = plan.kernelBytes;
    network.descriptorLimit = plan.descriptors;
    world = new SimWorld(backend, network, bug);
    budget = new ConnectionBudget(plan.connections);
    loop = new EventLoop("simulated", plan.limits, world.clock(), this::reported);
    scene = new Scene(network, plan, loop);
    clients = new SimHandler(scene, true);
    network.onFault = scene::disturb;
  }

  static Outcome run(Backend backend, long seed, PlantedBug bug, boolean keepsLines) {
    Simulation simulation = new Simulation(backend, seed, bug, keepsLines);
    Throwable failure = null;
    try {
      simulation.play();
    } catch (Throwable e) {
      failure = e;
    }
    try {
      // What a handler's check found comes first: the engine catches it, and something else may have failed after it.
      simulation.checks.throwIfBroken();
    } catch (AssertionError e) {
      failure = e;
    }
    Trace trace = simulation.trace;
    return new Outcome(
        trace.hash(), trace.count(), simulation.turns, failure, trace.kinds(),
        trace.lastLines(4000));
  }

  private void play() throws OsException {
    ConnectionManager made =
        (ConnectionManager) loop.open(
            on -> world.manager(on, plan.limits, budget));
    manager = made;
    int port = openListener(made);
    bringOnActors(made, port);
    long end = network.now() + plan.chaosNanos;
    network.after(plan.chaosNanos, this::lookIn);
    while (network.now() < end) {
      turn();
    }
    if (plan.closesAbruptly) {
      endAbruptly(made);
    } else {
      endInOrder(made);
    }
    checkBaseLine(made);
  }

  private int openListener(ConnectionManager made) {
    long socket = world.sockets().open(world.anyAddress());
    world.sockets().bind(socket, world.anyAddress());
    world.sockets().listen(socket, plan.limits.backlog());
    made.listen(socket, new SimHandler(scene, false));
    return network.find(socket) == null ? 0 : network.find(socket).localPort;
  }

  private void bringOnActors(ConnectionManager made, int port) {
    Dice dice = network.dice;
    int spread = dice.oneOf(1, 5, 100) * 1_000;
    for (int i = 0; i < plan.clients; i++) {
      network.after(
          dice.between(1, spread) * SimNetwork.MICRO, () -> SimPeer.connect(scene, port));
    }
    SimSocket raw = network.newSocket();
    raw.listen(1_000);
    raw.onChange =
        () -> {
          SimSocket accepted = raw.nextAccepted();
          if (accepted != null) {
            new SimPeer(scene, accepted, scene.link(accepted.remotePort).server);
          }
        };
    int nobody = network.newPort();
    int itself = plan.connectsToItself ? port : raw.localPort;
    for (int i = 0; i < plan.outgoing; i++) {
      int target = dice.oneOf(itself, raw.localPort, raw.localPort, nobody);
      scene.later(
          spread + 10_000,
          () -> {
            if (!scene.closing) {
              made.connect(SimSockets.addressOf(target), clients);
            }
          });
    }
    for (int i = 0; i < plan.cuts; i++) {
      network.after(
          dice.between(1, 100_000) * SimNetwork.MICRO,
          () -> {
            SimSocket victim = network.find(dice.between(3, 20));
            if (victim != null && victim.state == SimSocket.State.CONNECTED && !scene.calm) {
              scene.disturb(victim);
              victim.cut();
            }
          });
    }
  }

  /** Ends the loop's wait now and then, so that this class can see how far things are; rare, so that it hides no lost wake. */
  private void lookIn() {
    loop.execute(() -> scene.models.forEach(Model::lookIn));
    network.after(LOOK_IN_NANOS, this::lookIn);
  }

  private void turn() {
    loop.turn();
    turns++;
    checks.throwIfBroken();
    if (turns >= MOST_TURNS) {
      checks.fail("the simulation does not end at " + network.now() + state());
    }
    if (network.progress != lastProgress) {
      lastProgress = network.progress;
      turnsWithoutProgress = 0;
    } else if (++turnsWithoutProgress > MOST_TURNS_WITHOUT_PROGRESS) {
      checks.fail("the loop spins: nothing happens, but it does not wait" + state());
    }
  }

  // ---- the end

  private void endInOrder(ConnectionManager made) {
    scene.calm = true;
    scene.calmSince = network.now();
    network.faults.cease();
    trace.add(network.now(), "calm", 0, 0);
    for (Model model : List.copyOf(scene.models)) {
      loop.execute(() -> clients.calmDown(model));
      turn();
    }
    long until = network.now() + MOST_CALM_NANOS;
    while (!scene.peers.stream().allMatch(SimPeer::isDone)) {
      turn();
      requireTime(until, "raw peers were not served to their end");
    }
    scene.closing = true;
    if (plan.drains) {
      loop.execute(
          () -> made.drain(1_000 * SimNetwork.MILLI, cut -> trace.add(0, "drained", 0, 0)));
    } else {
      loop.execute(made::stopListening);
    }
    turn();
    while (made.connections() > 0 || world.inFlight() > 0) {
      turn();
      requireTime(until, world.inFlight() + " operations or connections did not end");
    }
    scene.models.forEach(Model::releaseAll);
    made.close();
    // What the engine sent before its sockets were closed is still on its way.
    while (!scene.peers.stream().allMatch(SimPeer::isDone)) {
      network.sleepUntil(until);
      requireTime(until, "raw peers did not end");
    }
  }

  private void endAbruptly(ConnectionManager made) {
    trace.add(network.now(), "abrupt end", 0, 0);
    scene.closing = true;
    scene.ending = true;
    scene.models.forEach(Model::releaseAll);
    made.close();
  }

  private void requireTime(long until, String broken) {
    if (network.now() > until) {
      checks.fail(broken + " within five minutes" + state());
    }
  }

  private void checkBaseLine(ConnectionManager made) {
    checks.throwIfBroken();
    checks.require(made.connections() == 0, made.connections() + " connections are left" + state());
    checks.require(budget.used() == 0, budget.used() + " connections are still counted");
    checks.require(
        network.openDescriptors() == 0, network.openDescriptors() + " descriptors are left open");
    for (Model model : scene.models) {
      checks.require(model.closed, "onClosed was never called for " + model);
    }
    BufferPool pool = world.pool();
    checks.require(pool == null || pool.outstanding() == 0, "buffers did not come back");
    if (!plan.closesAbruptly) {
      scene.links().forEach(this::checkLink);
    }
  }

  /** A connection that the engine ended in order has lost nothing on the way to its peer. */
  private void checkLink(Link link) {
    checkSide(link, link.client, link.server);
    checkSide(link, link.server, link.client);
  }

  private void checkSide(Link link, Link.Side engine, Link.Side other) {
    if (link.disturbed || !engine.endedCleanly || !other.isRaw) {
      return;
    }
    checks.require(
        !other.resetSeen && other.finSeen && other.receivedBytes() == engine.sentBytes(),
        engine + " ended in order, but its peer has " + other.receivedBytes() + " of "
            + engine.sentBytes() + " bytes" + (other.resetSeen ? " and a reset" : "")
            + (other.finSeen ? "" : " and no end"));
  }

  private void reported(String sentence, @Nullable Throwable cause) {
    trace.add(network.now(), "report", sentence.length(), 0);
    if (cause instanceof AssertionError broken) {
      checks.remember(broken);
    } else if (cause != null && !(cause instanceof SimHandler.Misbehaviour)) {
      checks.remember(new AssertionError("reported: " + sentence, cause));
    }
  }

  private String state() {
    StringBuilder text = new StringBuilder();
    for (SimPeer peer : scene.peers) {
      if (!peer.isDone()) {
        text.append("\n  ").append(peer);
      }
    }
    for (Model model : scene.models) {
      if (!model.closed) {
        text.append("\n  ").append(model);
      }
    }
    return text.append("\n  limits ").append(plan.limits).toString();
  }
}
