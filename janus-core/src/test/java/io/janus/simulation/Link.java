package io.janus.simulation;

import java.util.Arrays;

/** One connection as a pair of sides, each with the record of what it sent; known by the client's port. */
final class Link {
  final int port;
  final Side client;
  final Side server;

  /** Somebody or something ended it by force, so bytes may be missing; never wrong ones. */
  boolean disturbed;

  Link(int port, Checks checks) {
    this.port = port;
    this.client = new Side(this, "client", checks);
    this.server = new Side(this, "server", checks);
    client.other = server;
    server.other = client;
  }

  /** What one side sent, and how much of the other side's bytes it has. */
  static final class Side {
    final Link link;
    private final String name;
    private final Checks checks;
    private Side other;
    private byte[] sent = new byte[256];
    private int sentBytes;
    private int received;

    /** A raw peer's, who reads all there is; a handler may close before. */
    boolean isRaw;

    /**
     * A handler's, who knows it for his by an address. Without one, as of a direct descriptor that cannot be lent at the moment, nobody
     * records what is sent from here.
     */
    boolean isClaimed;

    /** The other side's end was seen, after all its bytes. */
    boolean finSeen;

    boolean resetSeen;

    /** The engine ended this side in order, by all it told its handler. */
    boolean endedCleanly;

    Side(Link link, String name, Checks checks) {
      this.link = link;
      this.name = name;
      this.checks = checks;
      this.other = this;
    }

    void sent(byte[] bytes, int count) {
      if (sentBytes + count > sent.length) {
        sent = Arrays.copyOf(sent, Math.max(sent.length * 2, sentBytes + count));
      }
      System.arraycopy(bytes, 0, sent, sentBytes, count);
      sentBytes += count;
    }

    /** Bytes came: they must be the next ones that the other side sent. */
    void received(byte[] bytes, int count) {
      checks.require(!finSeen, this + " got bytes after the end");
      if (!other.isRecorded()) {
        received += count;
        return;
      }
      checks.require(
          received + count <= other.sentBytes,
          this + " got " + (received + count) + " bytes, but only " + other.sentBytes
              + " were sent");
      checks.require(
          Arrays.equals(bytes, 0, count, other.sent, received, received + count),
          this + " got wrong bytes from byte " + received + " on");
      received += count;
    }

    /** The other side's end came: no byte may be missing. */
    void end() {
      finSeen = true;
      checks.require(
          !other.isRecorded() || received == other.sentBytes,
          this + " saw the end after " + received + " of " + other.sentBytes + " bytes");
    }

    Side other() {
      return other;
    }

    private boolean isRecorded() {
      return isRaw || isClaimed;
    }

    int sentBytes() {
      return sentBytes;
    }

    int receivedBytes() {
      return received;
    }

    @Override
    public String toString() {
      return name + " of port " + link.port;
    }
  }
}
