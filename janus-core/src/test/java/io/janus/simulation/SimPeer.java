package io.janus.simulation;

import io.janus.ffi.ErrorCode;
import io.janus.simulation.Link.Side;

/**
 * A raw peer of the engine, outside its process: sends random chunks, reads or stalls, ends one side, resets, or vanishes, as
 * the seed has it. Once calm it sends its rest, reads everything and ends in order.
 */
final class SimPeer {
  private static final int CHUNK = 700;
  private final Scene scene;
  private final SimSocket socket;
  private final byte[] bytes = new byte[CHUNK];
  private final Side side;
  private int toSend;
  private long stalledUntil;
  private boolean finSent;
  private boolean vanished;
  private boolean done;

  SimPeer(Scene scene, SimSocket socket, Side side) {
    this.scene = scene;
    this.socket = socket;
    this.side = side;
    this.toSend = scene.dice.below(Math.min(6_000, 40 * scene.plan.kernelBytes));
    side.isRaw = true;
    scene.peers.add(this);
    actLater();
  }

  /** A client that connects now. */
  static void connect(Scene scene, int port) {
    SimSocket socket = scene.network.newSocket();
    socket.connect(port);
    new SimPeer(scene, socket, scene.link(socket.localPort).client);
  }

  /** True when nothing more will come from it. */
  boolean isDone() {
    return done || (vanished && !scene.revivesVanished());
  }

  private void actLater() {
    int most = scene.calm ? 2_000 : 20_000;
    scene.network.after(scene.dice.between(1, most) * SimNetwork.MICRO, this::act);
  }

  private void act() {
    if (done) {
      return;
    }
    if (socket.state == SimSocket.State.CONNECTING) {
      actLater();
      return;
    }
    if (vanished && !scene.hasRevived()) {
      actLater();
      return;
    }
    if (scene.calm) {
      actInOrder();
    } else {
      actAtRandom();
    }
    if (!done) {
      actLater();
    }
  }

  private void actInOrder() {
    read(Integer.MAX_VALUE);
    if (!done && !finSent) {
      sendSome();
      if (toSend == 0) {
        finish();
      }
    }
    if (!done && finSent && side.finSeen) {
      end(false);
    }
  }

  private void actAtRandom() {
    Dice dice = scene.dice;
    if (dice.perMille(scene.plan.peerStalls)) {
      stalledUntil = scene.network.now() + dice.between(1, 200) * SimNetwork.MILLI;
    }
    if (scene.network.now() >= stalledUntil) {
      read(dice.between(1, 8));
    }
    if (done) {
      return;
    }
    if (!finSent) {
      sendSome();
    }
    if (dice.perMille(scene.plan.peerEnds)) {
      switch (dice.below(4)) {
        case 0 -> end(true);
        case 1 -> end(false);
        case 2 -> {
          vanished = true;
          side.link.disturbed |= !scene.revivesVanished();
        }
        default -> finish();
      }
    } else if (toSend == 0 && !finSent && dice.below(4) == 0) {
      finish();
    }
  }

  private void sendSome() {
    int count = Math.min(toSend, scene.dice.between(1, CHUNK));
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (side.sentBytes() + i ^ side.link.port * 31 ^ (side.sentBytes() + i) >> 8);
    }
    int result = count == 0 ? 0 : socket.send(bytes, 0, count);
    if (result > 0) {
      side.sent(bytes, result);
      toSend -= result;
    } else if (result < 0 && result != ErrorCode.WOULD_BLOCK) {
      gone();
    }
  }

  private void read(int most) {
    for (int i = 0; i < most && !done && !side.finSeen; i++) {
      int result = socket.receive(bytes, scene.dice.between(1, CHUNK));
      if (result > 0) {
        side.received(bytes, result);
      } else if (result == 0 && !socket.broken) {
        side.end();
      } else if (result == ErrorCode.WOULD_BLOCK) {
        return;
      } else {
        gone();
      }
    }
  }

  private void finish() {
    if (!finSent) {
      finSent = true;
      toSend = 0;
      socket.shutdownOutput();
    }
  }

  private void gone() {
    side.resetSeen = true;
    end(false);
  }

  private void end(boolean byReset) {
    done = true;
    boolean complete = finSent && side.finSeen;
    if (!complete) {
      side.link.disturbed |= !side.resetSeen;
    }
    socket.resetOnClose = byReset;
    socket.close();
    scene.network.trace.add(scene.network.now(), "peer ends, port", side.link.port, 0);
  }

  @Override
  public String toString() {
    return "peer " + side + " socket " + socket.serial + " " + socket.state + ", to send " + toSend
        + ", received " + side.receivedBytes() + " of " + side.other().sentBytes()
        + (finSent ? ", fin sent" : "") + (side.finSeen ? ", fin seen" : "")
        + (vanished ? ", vanished" : "") + ", unread " + socket.in.size();
  }
}
