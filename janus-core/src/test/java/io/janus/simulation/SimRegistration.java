package io.janus.simulation;

import io.janus.readiness.Trigger;

/** What a simulated poller knows of one socket; the object stays with its slot. */
final class SimRegistration {
  final int slot;
  int generation = 1;
  boolean live;
  boolean leaving;
  SimSocket socket;
  int interest;
  Trigger trigger = Trigger.LEVEL;
  long token;

  /** ONESHOT: has not reported since it was armed. */
  boolean armed;

  /** EDGE: the socket's counts of changes when last reported. */
  int readSeen;
  int writeSeen;

  SimRegistration(int slot, SimSocket socket) {
    this.slot = slot;
    this.socket = socket;
  }

  /** The await that has reported it already: one event for each registration and batch. */
  long namedIn;

  long id() {
    return slot | (long) generation << 32;
  }

  void arm() {
    armed = true;
    readSeen = -1;
    writeSeen = -1;
  }
}
