/**
 * Benchmarks: echo servers on several engines, and the harness that compares their cost.
 *
 * <p>Comes from: the command line. Goes to: the public API of Janus, as any application would use
 * it. Owns: the server and client processes it starts. Never: part of a release.
 */
@NullMarked
package io.janus.bench;

import org.jspecify.annotations.NullMarked;
