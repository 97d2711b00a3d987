package io.janus.simulation;

import io.janus.loop.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;

/** What all actors of one simulation share. */
final class Scene {
  private static final long SILENCE_NANOS = 40_000 * SimNetwork.MILLI;
  final SimNetwork network;
  final Dice dice;
  final Plan plan;
  final Checks checks;
  final List<SimPeer> peers = new ArrayList<>();
  final List<Model> models = new ArrayList<>();
  private final Map<Integer, Link> links = new TreeMap<>();
  private final EventLoop loop;

  /** The liveness phase has begun: whoever can end now, ends in order. */
  boolean calm;

  long calmSince;

  /** Nobody connects any more. */
  boolean closing;

  /** The manager is being closed with everything in flight, so nothing kept may outlast its connection. */
  boolean ending;

  Scene(SimNetwork network, Plan plan, EventLoop loop) {
    this.network = network;
    this.dice = network.dice;
    this.checks = network.checks;
    this.plan = plan;
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  Link link(int clientPort) {
    return links.computeIfAbsent(clientPort, port -> new Link(port, checks));
  }

  /** The socket's connection may end early now. */
  void disturb(SimSocket socket) {
    link(socket.localPort).disturbed = true;
    link(socket.remotePort).disturbed = true;
  }

  Iterable<Link> links() {
    return links.values();
  }

  /** Silent peers come back at last only if no deadline of the engine would end their connections. */
  boolean revivesVanished() {
    return plan.limits.idleMillis() == 0 || plan.limits.writeMillis() == 0;
  }

  /** Late enough that an end which waits for a silent peer shows before. */
  boolean hasRevived() {
    return calm && revivesVanished() && network.now() > calmSince + SILENCE_NANOS;
  }

  /** A task of another thread, after a while; a full mailbox refuses, and then the thread tries again. */
  void later(int mostMicros, Runnable task) {
    network.after(
        dice.between(1, mostMicros) * SimNetwork.MICRO,
        () -> {
          try {
            loop.execute(task);
          } catch (RejectedExecutionException e) {
            later(1_000, task);
          }
        });
  }
}
