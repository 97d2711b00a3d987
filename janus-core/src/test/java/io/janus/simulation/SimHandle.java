package io.janus.simulation;

/** What a simulated port knows of one socket. */
final class SimHandle {
  final long id;
  final int descriptor;
  final SimSocket socket;

  /** Submitted and not yet handed out by await. */
  int inFlight;

  boolean taking;
  boolean giving;
  boolean closing;

  SimHandle(long id, int descriptor, SimSocket socket) {
    this.id = id;
    this.descriptor = descriptor;
    this.socket = socket;
  }
}
