package io.janus.cli.compare;

/**
 * One measurement of one server.
 *
 * @param round in which
 * @param variant whose
 * @param connections with how many
 * @param messagesPerSecond answered messages, as the client saw them
 * @param p50Micros latency, as the client saw it
 * @param p99Micros likewise
 * @param p999Micros likewise
 * @param userMicros user CPU time of the server's loop for a message
 * @param systemMicros its system CPU time for a message
 * @param systemCalls of the server's loop for a message
 * @param batch events that one wait brought
 * @param wouldBlocks EAGAINs of the server for a message
 * @param otherCpuMicros CPU time of the server's other threads (compiler, collector) for a message
 * @param errors of the load
 */
public record Sample(
    int round,
    Variant variant,
    int connections,
    double messagesPerSecond,
    double p50Micros,
    double p99Micros,
    double p999Micros,
    double userMicros,
    double systemMicros,
    double systemCalls,
    double batch,
    double wouldBlocks,
    double otherCpuMicros,
    long errors) {

  /** CPU time of the server's loop for a message. */
  public double cpuMicros() {
    return userMicros + systemMicros;
  }
}
