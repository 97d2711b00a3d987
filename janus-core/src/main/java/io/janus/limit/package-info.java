/**
 * Bounds and counts, and the array under every table that grows towards a bound.
 *
 * <p>Comes from: nothing. Goes to: every room. Owns: every bound of the engine with its unit in the name, and the counters. Never: enforces a bound; the owner of the thing does.
 */
@NullMarked
package io.janus.limit;

import org.jspecify.annotations.NullMarked;
