package io.janus.simulation;

/** The simulated backends: two pollers, the completion face emulated over each, and a native port. */
enum Backend {
  EPOLL("sim-epoll"), AFD("sim-afd"), EPOLL_EMULATED("sim-epoll-emulated"), AFD_EMULATED(
      "sim-afd-emulated"),
  PORT("sim-port");

  final String title;

  Backend(String title) {
    this.title = title;
  }

  boolean isAfd() {
    return this == AFD || this == AFD_EMULATED;
  }

  boolean isReadiness() {
    return this == EPOLL || this == AFD;
  }
}
