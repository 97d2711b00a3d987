package io.janus.simulation;

import io.janus.ffi.call.SystemName;

/** Numbers of this system's errors that the simulated kernel gives and the engine has no name of its own for. */
final class SimErrors {
  static final int BAD_DESCRIPTOR = code(9, 10038);
  static final int OUT_OF_MEMORY = code(12, 8);
  static final int EXISTS = code(17, 87);
  static final int BROKEN_PIPE = code(32, 10058);
  static final int NO_SUCH_OPTION = code(92, 10042);
  static final int ADDRESS_IN_USE = code(98, 10048);
  static final int NOT_CONNECTED = code(107, 10057);
  static final int REFUSED = code(111, 10061);

  private SimErrors() {}

  private static int code(int linux, int windows) {
    return -(SystemName.WINDOWS ? windows : linux);
  }
}
