package io.janus.simulation;

/** Numbers of Linux errors that the simulated kernel gives and the engine has no name of its own for. */
final class SimErrors {
  static final int BAD_DESCRIPTOR = -9;
  static final int OUT_OF_MEMORY = -12;
  static final int EXISTS = -17;
  static final int BROKEN_PIPE = -32;
  static final int NO_SUCH_OPTION = -92;
  static final int ADDRESS_IN_USE = -98;
  static final int NOT_CONNECTED = -107;
  static final int REFUSED = -111;

  private SimErrors() {}
}
