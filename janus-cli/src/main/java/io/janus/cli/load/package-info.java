/**
 * The load generator.
 *
 * <p>Comes from: {@code janus load} and {@code janus compare}. Goes to: the engine, as a client. Owns: schedules, latencies and verification. Never: prints.
 */
@NullMarked
package io.janus.cli.load;

import org.jspecify.annotations.NullMarked;
