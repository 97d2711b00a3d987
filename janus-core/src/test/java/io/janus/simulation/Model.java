package io.janus.simulation;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.simulation.Link.Side;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What the application knows of one connection, and what it may therefore expect of the engine. */
final class Model {
  final Connection connection;
  final Scene scene;
  final int number;

  /** This connection's side of its link; null if the peer was gone before it could be asked. */
  @Nullable Side side;

  boolean client;
  boolean opened;
  boolean paused;
  boolean peerEnded;
  boolean finAsked;

  /** We ended it: no byte may be delivered any more. */
  boolean ended;

  boolean aborted;
  boolean closed;
  long endedAt = Long.MAX_VALUE;
  int toSend;

  /** Buffers that the queue refused, to be sent in this order. */
  final ArrayDeque<Buffer> waiting = new ArrayDeque<>();

  /** Buffers taken for good. */
  final ArrayDeque<Buffer> kept = new ArrayDeque<>();

  private boolean retries;
  private int looksAfterEnd;
  private boolean inCall;

  Model(Scene scene, Connection connection) {
    this.scene = scene;
    this.connection = connection;
    this.number = scene.models.size();
    scene.models.add(this);
  }

  void enter(String callback) {
    scene.network.trace.add(scene.network.now(), callback, number, connection.outboundBytes());
    scene.checks.require(!inCall, callback + " of " + this + " inside another callback");
    scene.checks.require(!closed, callback + " of " + this + " after onClosed");
    inCall = true;
  }

  void leave() {
    inCall = false;
    int bound = scene.plan.limits.outboundBytes();
    int most = bound + Math.max(bound, scene.plan.limits.bufferBytes());
    scene.checks.require(
        connection.outboundBytes() <= most,
        this + " has " + connection.outboundBytes() + " outbound bytes above the bound of "
            + bound);
  }

  static byte[] copyOf(Buffer buffer) {
    byte[] bytes = new byte[buffer.readable()];
    MemorySegment.copy(
        buffer.segment(), JAVA_BYTE, buffer.readIndex(), bytes, 0, bytes.length);
    return bytes;
  }

  /** True if it was taken or will never be. */
  boolean send(Buffer buffer) {
    byte[] bytes = copyOf(buffer);
    boolean open = connection.isOpen();
    boolean full = connection.isOutboundFull();
    boolean taken = connection.send(buffer);
    scene.checks.require(taken != (full && open), this + " took a send although it was full");
    if (taken && open && side != null) {
      side.sent(bytes, bytes.length);
    }
    return taken;
  }

  boolean sendCopy(byte[] bytes) {
    boolean open = connection.isOpen();
    boolean taken = connection.sendCopy(bytes);
    if (taken && open && side != null) {
      side.sent(bytes, bytes.length);
    }
    return taken;
  }

  /** Sends what was refused before; a timer looks again, because a pool that was empty tells nobody. */
  void flush() {
    while (!waiting.isEmpty() && !closed && !finAsked && send(waiting.peek())) {
      waiting.remove();
    }
    if (finAsked || closed) {
      waiting.forEach(Buffer::release);
      waiting.clear();
    }
    if (!waiting.isEmpty() && !retries) {
      retries = true;
      scene.later(
          5_000,
          () -> {
            retries = false;
            flush();
          });
    }
    if (waiting.isEmpty() && peerEnded && !ended && !closed && (!client || scene.calm)) {
      close();
    }
  }

  void close() {
    if (!ended) {
      ended = true;
      finAsked = true;
      endedAt = scene.network.now();
      scene.network.trace.add(scene.network.now(), "close", number, 0);
      connection.close();
    }
  }

  void abort() {
    ended = true;
    finAsked = true;
    aborted = true;
    disturb();
    scene.network.trace.add(scene.network.now(), "abort", number, 0);
    connection.abort();
  }

  void disturb() {
    if (side != null) {
      side.link.disturbed = true;
    }
  }

  void pause() {
    paused = true;
    connection.pauseReading();
  }

  void resume() {
    paused = false;
    connection.resumeReading();
  }

  /** Looks in every ten seconds: an end that has nothing to send any more takes no longer than the linger time. */
  void lookIn() {
    if (closed) {
      scene.checks.require(
          connection.peerAddress() == null && connection.localAddress() == null,
          this + " has a stranger's addresses after its close");
    } else if (ended && connection.outboundBytes() == 0) {
      scene.checks.require(
          ++looksAfterEnd < 3, this + " was ended long ago and waits for its peer for ever");
    }
  }

  void releaseKept() {
    kept.forEach(Buffer::release);
    kept.clear();
  }

  void releaseAll() {
    releaseKept();
    waiting.forEach(Buffer::release);
    waiting.clear();
  }

  @Override
  public String toString() {
    return "connection " + number + (client ? " out, " : " in, ") + side + ", " + connection
        + (paused ? ", paused" : "") + (peerEnded ? ", peer ended" : "") + (ended ? ", ended" : "")
        + (finAsked ? ", fin asked" : "")
        + ", to send " + toSend
        + ", waiting " + waiting.size() + ", outbound " + connection.outboundBytes();
  }
}
