package io.janus.cli.load;

import io.janus.buffer.Buffer;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One active connection: sends its stream as far as the depth and the schedule allow, and times each message to its last
 * byte's return. Nothing is allocated for a message.
 */
final class LoadConnection implements Handler {
  private final Load load;
  private final int number;
  private final int messageBytes;
  private final int depth;

  /** Closed loop: when the messages on the way were sent, by their number. */
  private final long[] sentAt;

  private final int mask;
  private @Nullable LoadLoop home;
  private @Nullable Connection connection;
  private int slot;
  private long due;
  private long started;
  private long answered;
  private long sentBytes;
  private long receivedBytes;
  private long endedAt;
  private boolean givenUp;

  LoadConnection(Load load, LoadPlan plan, int number) {
    this.load = load;
    this.number = number;
    this.messageBytes = plan.messageBytes();
    this.depth = plan.depth();
    int ring = plan.isOpenLoop() ? 1 : Integer.highestOneBit(2 * depth - 1);
    this.sentAt = new long[ring];
    this.mask = ring - 1;
  }

  @Override
  public void onOpen(Connection opened) {
    connection = opened;
    // The server stops reading while it cannot send: a client that then stopped as well would never go on.
    opened.pauseReadingWhenOutboundIsFull(false);
    LoadLoop mine = load.loopOf(opened);
    home = mine;
    mine.add(this);
    load.activeOpened();
    load.settled(true);
  }

  @Override
  public void onData(Connection from, Buffer buffer) {
    LoadLoop mine = home();
    long now = System.nanoTime();
    int bytes = buffer.readable();
    if (mine.plan.verify() && !isRight(mine, from, buffer)) {
      giveUp(from);
      return;
    }
    receivedBytes += bytes;
    if (receivedBytes > sentBytes) {
      mine.mismatch(
          "connection " + number + ": more bytes came back than the " + sentBytes
              + " that were sent" + local(from));
      giveUp(from);
      return;
    }
    long complete = receivedBytes / messageBytes;
    while (answered < complete) {
      mine.answered(intended(mine, answered), now);
      answered++;
    }
    if (mine.sending || answered < Math.max(due, started)) {
      pump(now);
    }
  }

  @Override
  public void onDrained(Connection from) {
    pump(System.nanoTime());
  }

  @Override
  public void onPeerClosed(Connection from) {
    LoadLoop mine = home();
    if (mine.watching) {
      mine.errors.add(
          ErrorKind.CONNECTION_ABORTED, 1,
          "the server closed a connection under load; look at its log");
    }
    from.close();
  }

  @Override
  public void onClosed(Connection from) {
    OsError failure = from.failure();
    LoadLoop mine = home;
    if (mine == null) {
      load.loopOf(from).errors.add(
          failure == null
              ? OsError.of(ErrorCode.CONNECTION_ABORTED)
              : failure);
      load.settled(false);
    } else {
      if (failure != null && mine.watching && !givenUp) {
        mine.errors.add(failure);
      }
      load.activeClosed();
    }
    endedAt = System.nanoTime();
    connection = null;
  }

  /** Open loop: the connection's turn among its loop's. */
  void slot(int turn) {
    slot = turn;
  }

  /** Open loop: the moment of one more message has come. */
  void fallsDue(long now) {
    due++;
    pump(now);
  }

  /** Sends whatever may be sent now. */
  void pump(long now) {
    Connection to = connection;
    LoadLoop mine = home();
    if (to == null || !to.isOpen()) {
      return;
    }
    boolean open = mine.plan.isOpenLoop();
    long room = answered + depth;
    long allowed = open ? Math.min(due, room) : mine.sending ? room : started;
    for (; started < allowed; started++) {
      if (open) {
        mine.sentLate(mine.intendedAt(slot, started), now);
      } else {
        sentAt[(int) started & mask] = now;
      }
    }
    long target = started * messageBytes;
    while (sentBytes < target && !to.isOutboundFull()) {
      Buffer buffer = to.acquireBuffer();
      if (buffer == null) {
        mine.errors.add(
            ErrorKind.OUT_OF_MEMORY, 1,
            "the client's buffers are used up; lower -c, --depth or --size");
        giveUp(to);
        return;
      }
      int bytes = (int) Math.min(buffer.writable(), target - sentBytes);
      mine.pattern.fill(buffer, number, sentBytes, bytes);
      if (!to.send(buffer)) {
        buffer.release();
        return;
      }
      sentBytes += bytes;
    }
  }

  /** True if nothing that was due or sent is without an answer, or the connection is gone. */
  boolean isSettled() {
    return connection == null || answered >= Math.max(due, started);
  }

  /** Messages whose answer has not come whole, and bytes that did not come back; both for good. */
  void recordUnanswered(long now) {
    LoadLoop mine = home();
    mine.unreturnedBytes += sentBytes - receivedBytes;
    if (mine.plan.isOpenLoop()) {
      for (long sequence = answered; sequence < due; sequence++) {
        mine.unanswered(mine.intendedAt(slot, sequence), now);
      }
    } else if (connection != null || mine.hasBegunBefore(endedAt)) {
      // What a connection took with it waited until its end; one that ended in the warm-up is an error, but no measurement.
      long until = connection == null ? endedAt : now;
      for (long sequence = answered; sequence < started; sequence++) {
        mine.unanswered(sentAt[(int) sequence & mask], until);
      }
    }
  }

  private long intended(LoadLoop mine, long sequence) {
    return mine.plan.isOpenLoop()
        ? mine.intendedAt(slot, sequence)
        : sentAt[(int) sequence & mask];
  }

  /** Ends it for a reason that is told already; that this side did it is no error beside. */
  private void giveUp(Connection to) {
    givenUp = true;
    to.abort();
  }

  private boolean isRight(LoadLoop mine, Connection from, Buffer buffer) {
    long wrong = mine.pattern.mismatch(buffer, number, receivedBytes);
    if (wrong < 0) {
      mine.verifiedBytes += buffer.readable();
      return true;
    }
    mine.verifiedBytes += wrong;
    long place = receivedBytes + wrong;
    mine.mismatch(
        String.format(
            Locale.ROOT, "connection %d: byte %d of its stream is 0x%02x and should be 0x%02x%s",
            number, place, buffer.byteAt((int) wrong) & 0xff, mine.pattern.at(number, place),
            local(from)));
    return false;
  }

  /** By which the server's log and a network trace know the connection. */
  private static String local(Connection connection) {
    Address address = connection.localAddress();
    return address == null || address instanceof Address.Unix ? ""
        : " (local address " + address + ")";
  }

  private LoadLoop home() {
    LoadLoop mine = home;
    if (mine == null) {
      throw new IllegalStateException("connection " + number + " was never opened");
    }
    return mine;
  }
}
