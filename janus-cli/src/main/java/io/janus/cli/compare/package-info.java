/**
 * The comparison of engines.
 *
 * <p>Comes from: {@code janus compare}. Goes to: echo servers in processes of their own, and the load generator. Owns: alternation, usage of the servers, statistics and the words. Never: judges a difference that is smaller than the spread.
 */
@NullMarked
package io.janus.cli.compare;

import org.jspecify.annotations.NullMarked;
