package io.janus.examples;

import io.janus.buffer.Buffer;
import io.janus.completion.Operation;
import io.janus.completion.SharedPort;
import io.janus.completion.Turnstile;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One echoing connection whose two directions have a {@link Turnstile} each. It submits the next receive as early as the racing
 * server does, so the next bytes are fetched while these are handled; but the worker that takes them finds the turnstile busy,
 * leaves them there and goes on to other connections. Fields of a direction are plain: its turnstile publishes them.
 */
final class CuredConnection implements WorkerPool.Served {
  private static final int RECEIVED = 1;
  private static final int QUEUED = 1;
  private static final int SENT = 2;
  private static final int ENDED = 4;

  private final SharedPort port;
  private final long handle;
  private final long token;
  private final StreamCheck check;
  private final StreamCheck.Tally tally;

  private final Turnstile input = new Turnstile();
  private int receiveResult;
  private Buffer received;

  /** From the input to the output, which are different workers perhaps. */
  private final Queue<Buffer> echoes = new ConcurrentLinkedQueue<>();

  private final Turnstile output = new Turnstile();
  private int sendResult;
  private Buffer sending;
  private boolean ended;
  private boolean closing;

  CuredConnection(SharedPort port, long handle, long token, StreamCheck.Tally tally) {
    this.port = port;
    this.handle = handle;
    this.token = token;
    this.check = new StreamCheck(tally);
    this.tally = tally;
  }

  @Override
  public void done(Operation operation, int result, Buffer buffer) {
    if (operation == Operation.RECEIVE) {
      // Nobody else writes these: there is one receive in flight, and the next is submitted after this one was taken in.
      receiveResult = result;
      received = buffer;
      enterInput();
    } else {
      sendResult = result;
      enterOutput(SENT);
    }
  }

  private void enterInput() {
    if (!input.enter(RECEIVED)) {
      tally.foundBusy.increment();
      return;
    }
    int news = 0;
    do {
      if (input.take() != 0) {
        news |= handleInput();
      }
    } while (!input.leave());
    enterOutput(news);
  }

  /** Answers the event for the output. */
  private int handleInput() {
    if (receiveResult <= 0) {
      return ENDED;
    }
    Buffer buffer = received;
    WorkerPool.taken(port.receive(handle, 0, token));
    check.handle(buffer);
    echoes.add(buffer);
    return QUEUED;
  }

  private void enterOutput(int event) {
    if (event != 0 && output.enter(event)) {
      do {
        handleOutput(output.take());
      } while (!output.leave());
    }
  }

  private void handleOutput(int events) {
    if (input.isBusy()) {
      // Another worker is in the input of this connection at this moment, and neither waits for the other.
      tally.bothAtOnce.increment();
    }
    ended |= (events & ENDED) != 0;
    if ((events & SENT) != 0) {
      StreamCheck.workALittle();
      sent();
    }
    if (sending == null) {
      sending = echoes.poll();
      if (sending != null) {
        send();
      } else if (ended && !closing) {
        closing = true;
        WorkerPool.taken(port.close(handle, token));
      }
    }
  }

  /** A buffer that was not taken is still this connection's. */
  private void send() {
    long submitted = port.send(handle, sending, token);
    if (submitted < 0) {
      sending.release();
      sending = null;
    }
    WorkerPool.taken(submitted);
  }

  /** A send that ended short goes on; one that failed ends its direction, and the receive will tell the end. */
  private void sent() {
    if (sendResult > 0 && sending.readable() > 0) {
      send();
    } else {
      sending.release();
      sending = null;
    }
  }
}
