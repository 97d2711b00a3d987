package io.janus.simulation;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.socket.Address;

/**
 * The application of a simulation: echoes on accepted connections, talks on its own ones, and misbehaves as the seed has it.
 * It checks at every call what the engine promises about calls.
 */
final class SimHandler implements Handler {
  private final Scene scene;
  private final Plan plan;
  private final Dice dice;
  private final Checks checks;
  private final boolean client;

  /** What a handler of a simulation throws on purpose. */
  static final class Misbehaviour extends RuntimeException {
    private static final long serialVersionUID = 1;

    Misbehaviour() {
      super("thrown on purpose", null, false, false);
    }
  }

  SimHandler(Scene scene, boolean client) {
    this.scene = scene;
    this.plan = scene.plan;
    this.dice = scene.dice;
    this.checks = scene.checks;
    this.client = client;
  }

  @Override
  public void onOpen(Connection connection) {
    Model model = new Model(scene, connection);
    connection.attach(model);
    model.client = client;
    model.enter("onOpen");
    model.opened = true;
    checks.require(connection.isOpen(), model + " is told open but is not");
    Address about = client ? connection.localAddress() : connection.peerAddress();
    if (about != null) {
      Link link = scene.link(about.port());
      model.side = client ? link.client : link.server;
      model.side.isClaimed = true;
    }
    if (dice.below(4) == 0) {
      connection.pauseReadingWhenOutboundIsFull(false);
    }
    if (client) {
      model.toSend = dice.below(3_000);
      talk(model);
    }
    misbehave(model);
    model.leave();
  }

  @Override
  public void onData(Connection connection, Buffer buffer) {
    Model model = model(connection);
    model.enter("onData");
    checks.require(model.opened, "onData of " + model + " before onOpen");
    checks.require(!model.paused, "onData of " + model + " while paused");
    checks.require(!model.peerEnded, "onData of " + model + " after onPeerClosed");
    checks.require(!model.ended, "onData of " + model + " after its end");
    checks.require(buffer.readable() > 0, "onData of " + model + " without bytes");
    byte[] bytes = Model.copyOf(buffer);
    if (model.side != null) {
      model.side.received(bytes, bytes.length);
    }
    if (dice.below(2) == 0) {
      misbehave(model);
    }
    if (!client) {
      echo(model, buffer, bytes);
    }
    misbehave(model);
    model.leave();
  }

  @Override
  public void onDrained(Connection connection) {
    Model model = model(connection);
    model.enter("onDrained");
    checks.require(model.opened, "onDrained of " + model + " before onOpen");
    checks.require(
        connection.outboundBytes() <= plan.limits.outboundBytes() / 2,
        "onDrained of " + model + " while the queue is full");
    model.flush();
    misbehave(model);
    model.leave();
  }

  @Override
  public void onPeerClosed(Connection connection) {
    Model model = model(connection);
    model.enter("onPeerClosed");
    checks.require(!model.peerEnded, "onPeerClosed of " + model + " twice");
    checks.require(!model.ended, "onPeerClosed of " + model + " after its end");
    checks.require(!model.paused, "onPeerClosed of " + model + " while paused");
    model.peerEnded = true;
    if (model.side != null) {
      model.side.end();
    }
    misbehave(model);
    if (!model.closed && model.waiting.isEmpty() && !model.ended && !client) {
      if (dice.below(3) == 0 && !model.finAsked) {
        model.finAsked = true;
        connection.shutdownOutput();
      } else {
        model.close();
      }
    } else if (client && !model.ended && model.toSend == 0) {
      model.close();
    }
    model.leave();
  }

  @Override
  public void onClosed(Connection connection) {
    Model model = model(connection);
    model.enter("onClosed");
    checks.require(!connection.isOpen(), model + " is told closed but is open");
    long lingered = scene.network.now() - model.endedAt;
    // The loop's time is read once per turn and may lag a little behind the network's.
    boolean lingeredOut = lingered >= (plan.limits.lingerMillis() - 1) * SimNetwork.MILLI;
    if (model.side != null) {
      model.side.endedCleanly =
          model.opened && !model.aborted && connection.failure() == null && !lingeredOut
              && !scene.ending;
    }
    checks.require(
        connection.peerAddress() == null && connection.localAddress() == null,
        model + " has addresses after its close");
    checks.require(connection.outboundBytes() == 0, model + " has outbound bytes after its close");
    if (dice.below(2) == 0) {
      useAfterClose(model);
    }
    model.releaseAll();
    model.leave();
    model.closed = true;
  }

  private Model model(Connection connection) {
    if (connection.attachment() instanceof Model known) {
      return known;
    }
    Model model = new Model(scene, connection);
    connection.attach(model);
    model.client = client;
    return model;
  }

  private void echo(Model model, Buffer buffer, byte[] bytes) {
    Connection connection = model.connection;
    if (model.finAsked) {
      if (connection.isOpen() && dice.below(8) == 0) {
        sendAfterEnd(model, buffer, bytes);
      }
      return;
    }
    if (dice.perMille(plan.keeps)) {
      model.kept.add(buffer.keep());
      scene.later(20_000, model::releaseKept);
      return;
    }
    if (!model.waiting.isEmpty()) {
      model.waiting.add(buffer.keep());
      model.flush();
      return;
    }
    boolean copies = bytes.length <= plan.limits.outboundBytes() && dice.perMille(plan.copies);
    if (copies ? !model.sendCopy(bytes) : !model.send(buffer)) {
      model.waiting.add(buffer.keep());
      model.flush();
    }
  }

  private void sendAfterEnd(Model model, Buffer buffer, byte[] bytes) {
    try {
      if (dice.below(2) == 0) {
        model.connection.send(buffer);
      } else {
        model.connection.sendCopy(bytes.length > plan.limits.outboundBytes() ? new byte[1] : bytes);
      }
    } catch (IllegalStateException expected) {
      return;
    }
    checks.require(
        !model.connection.isOpen() || model.connection.isOutboundFull()
            || plan.limits.poolBytes() < BufferPool.bytesOf(plan.limits.bufferBytes(), 64),
        model + " took bytes after shutdownOutput");
  }

  private void useAfterClose(Model model) {
    Connection connection = model.connection;
    connection.pauseReading();
    connection.resumeReading();
    connection.shutdownOutput();
    connection.close();
    connection.abort();
    Buffer buffer = connection.acquireBuffer();
    if (buffer != null) {
      checks.require(connection.send(buffer), "a send after the close was refused");
    }
  }

  /** What the seed makes of a callback beside its work. */
  private void misbehave(Model model) {
    if (scene.calm || model.closed) {
      return;
    }
    Connection connection = model.connection;
    if (dice.perMille(plan.pauses) && !model.ended) {
      model.pause();
      scene.later(30_000, () -> resume(model));
    }
    if (dice.perMille(plan.pauses) && model.paused && !model.ended) {
      model.resume();
    }
    if (dice.perMille(plan.tasks)) {
      scene.later(10_000, () -> task(model));
    }
    if (dice.perMille(plan.tasks) && !model.finAsked) {
      sendEmptyOrOwn(model);
    }
    if (dice.perMille(plan.closes)) {
      end(model);
    }
    if (dice.perMille(plan.failures)) {
      model.aborted = true;
      model.ended = true;
      model.finAsked = true;
      model.disturb();
      model.leave();
      throw new Misbehaviour();
    }
    checks.require(connection.loop() == scene.loop(), "a connection changed its loop");
  }

  private void resume(Model model) {
    if (!model.closed && model.paused) {
      model.resume();
    }
  }

  private void task(Model model) {
    if (model.closed) {
      model.lookIn();
      return;
    }
    switch (dice.below(4)) {
      case 0 -> {
        if (!model.finAsked) {
          sendEmptyOrOwn(model);
        }
      }
      case 1 -> {
        if (!model.ended) {
          model.pause();
          scene.later(30_000, () -> resume(model));
        }
      }
      case 2 -> {
        if (dice.perMille(plan.closes * 4)) {
          end(model);
        }
      }
      default -> talk(model);
    }
  }

  private void end(Model model) {
    switch (dice.below(4)) {
      case 0 -> model.abort();
      case 1 -> {
        if (!model.finAsked) {
          model.finAsked = true;
          model.connection.shutdownOutput();
        }
      }
      default -> model.close();
    }
  }

  private void sendEmptyOrOwn(Model model) {
    Buffer buffer = model.connection.acquireBuffer();
    if (buffer == null || !model.waiting.isEmpty()) {
      if (buffer != null) {
        buffer.release();
      }
      return;
    }
    int count = dice.below(3) == 0 ? 0 : dice.between(1, buffer.writable());
    for (int i = 0; i < count; i++) {
      buffer.putByte((byte) dice.below(256));
    }
    if (!model.send(buffer)) {
      buffer.release();
    }
  }

  /** A client's own bytes, a piece at a time, then its end. */
  private void talk(Model model) {
    if (model.closed || model.finAsked || !model.client) {
      return;
    }
    if (model.toSend > 0) {
      int count =
          Math.min(model.toSend, dice.between(1, Math.min(200, plan.limits.outboundBytes())));
      byte[] bytes = new byte[count];
      for (int i = 0; i < count; i++) {
        bytes[i] = (byte) (model.toSend - i);
      }
      if (model.sendCopy(bytes)) {
        model.toSend -= count;
      }
      scene.later(10_000, () -> talk(model));
      return;
    }
    if (model.peerEnded || scene.calm || dice.below(2) == 0) {
      model.close();
    } else {
      model.finAsked = true;
      model.connection.shutdownOutput();
    }
  }

  /** The liveness phase begins for this connection: what waits goes on. */
  void calmDown(Model model) {
    if (model.closed) {
      return;
    }
    resume(model);
    model.flush();
    // Its other side may wait for a place among this engine's own connections, which only a close can make.
    if (model.finAsked && (model.peerEnded || model.client)) {
      model.close();
    }
    talk(model);
  }
}
