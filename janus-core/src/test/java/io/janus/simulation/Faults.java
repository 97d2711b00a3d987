package io.janus.simulation;

/** What goes wrong, in cases of a thousand, and how slow the network is. The liveness phase ends all of it by {@link #cease}. */
final class Faults {
  /** There are faults at all. */
  boolean wild;

  int shortCounts;
  int acceptErrors;
  int receiveErrors;
  int sendErrors;
  int registerErrors;
  int idleAwaits;
  int slowCancels;
  int repeatEnds;
  int echoes;
  int leftOvers;
  int maxDelayMicros;

  /** A close under a registration is a defect of the engine; a test of its own may do so, as epoll allows it. */
  boolean forbidsCloseUnderWatch;

  /** Completions come in any order, those of one operation excepted. */
  boolean anyOrder;

  /** No faults and no delay, for contract tests. */
  static Faults none() {
    return new Faults();
  }

  /** The faults of one seed: each kind is absent in about half of the seeds, so that each is also seen alone. */
  static Faults of(Dice dice) {
    Faults faults = new Faults();
    faults.wild = true;
    faults.shortCounts = some(dice, 500);
    faults.acceptErrors = some(dice, 200);
    faults.receiveErrors = some(dice, 10);
    faults.sendErrors = some(dice, 10);
    faults.registerErrors = some(dice, 50);
    faults.idleAwaits = some(dice, 100);
    faults.slowCancels = some(dice, 800);
    faults.repeatEnds = some(dice, 300);
    faults.echoes = some(dice, 300);
    faults.leftOvers = some(dice, 500);
    faults.maxDelayMicros = dice.oneOf(1, 20, 200, 2_000, 10_000);
    faults.forbidsCloseUnderWatch = true;
    faults.anyOrder = dice.below(4) != 0;
    return faults;
  }

  /** Errors end; delays, short counts and late verdicts are how kernels are and go on. */
  void cease() {
    wild = false;
    acceptErrors = 0;
    receiveErrors = 0;
    sendErrors = 0;
    registerErrors = 0;
  }

  private static int some(Dice dice, int most) {
    return dice.below(2) == 0 ? 0 : dice.between(1, most);
  }
}
