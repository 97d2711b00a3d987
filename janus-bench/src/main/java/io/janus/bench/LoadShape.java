package io.janus.bench;

import java.util.List;

/** The load of one run; the client documents each figure. */
record LoadShape(int connections, int size, int depth, double seconds, double warmup, int idle) {

  /** The same load in another mix of active and silent connections. */
  LoadShape withPopulation(int active, int silent) {
    return new LoadShape(active, size, depth, seconds, warmup, silent);
  }

  /** The same load over another time. */
  LoadShape lasting(double newWarmup, double newSeconds) {
    return new LoadShape(connections, size, depth, newSeconds, newWarmup, idle);
  }

  List<String> arguments() {
    return List.of(
        Integer.toString(connections),
        Integer.toString(size),
        Integer.toString(depth),
        Double.toString(seconds),
        Double.toString(warmup),
        Integer.toString(idle));
  }
}
