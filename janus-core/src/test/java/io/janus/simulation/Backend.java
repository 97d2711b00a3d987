package io.janus.simulation;

import io.janus.ffi.call.SystemName;
import java.util.List;
import java.util.stream.Stream;

/**
 * The simulated backends: two pollers, the completion face emulated over each, a native port, and the real port of io_uring over a
 * simulated ring, with descriptors of the process and with direct ones.
 */
enum Backend {
  EPOLL("sim-epoll"), AFD("sim-afd"), EPOLL_EMULATED("sim-epoll-emulated"), AFD_EMULATED(
      "sim-afd-emulated"),
  PORT("sim-port"), RING("sim-uring"), RING_DIRECT("sim-uring-direct");

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

  /** The real port of io_uring is below. */
  boolean isRing() {
    return this == RING || this == RING_DIRECT;
  }

  boolean hasPoller() {
    return this != PORT && !isRing();
  }

  /** Those that run on this system: under the simulated ring are the real bindings of Linux. */
  static List<Backend> here() {
    return Stream.of(values()).filter(backend -> SystemName.LINUX || !backend.isRing()).toList();
  }
}
