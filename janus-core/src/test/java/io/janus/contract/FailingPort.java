package io.janus.contract;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.socket.Address;

/** A port whose await fails, as one with a bug would; closing it works. */
record FailingPort(CompletionPort below) implements CompletionPort {
  static final String MESSAGE = "a bug of the port";

  @Override
  public int await(Completions out, long timeoutNanos) {
    throw new IllegalStateException(MESSAGE);
  }

  @Override
  public long adopt(long socket) {
    return below.adopt(socket);
  }

  @Override
  public long socket(long handle) {
    return below.socket(handle);
  }

  @Override
  public long accept(long listener, int flags, long token) {
    return below.accept(listener, flags, token);
  }

  @Override
  public long connect(long handle, Address peer, long token) {
    return below.connect(handle, peer, token);
  }

  @Override
  public long receive(long handle, int flags, long token) {
    return below.receive(handle, flags, token);
  }

  @Override
  public long receive(long handle, Buffer into, long token) {
    return below.receive(handle, into, token);
  }

  @Override
  public long send(long handle, Buffer from, long token) {
    return below.send(handle, from, token);
  }

  @Override
  public long sendAll(long handle, Buffer[] from, int count, long token) {
    return below.sendAll(handle, from, count, token);
  }

  @Override
  public long option(long handle, int level, int name, Buffer value, long token) {
    return below.option(handle, level, name, value, token);
  }

  @Override
  public long shutdownOutput(long handle, long token) {
    return below.shutdownOutput(handle, token);
  }

  @Override
  public long close(long handle, int flags, long token) {
    return below.close(handle, flags, token);
  }

  @Override
  public boolean cancel(long operation) {
    return below.cancel(operation);
  }

  @Override
  public boolean flush() {
    return below.flush();
  }

  @Override
  public boolean post(long token, int value) {
    return below.post(token, value);
  }

  @Override
  public void wake() {
    below.wake();
  }

  @Override
  public int abilities() {
    return below.abilities();
  }

  @Override
  public int inFlight() {
    return below.inFlight();
  }

  @Override
  public void close() {
    below.close();
  }
}
