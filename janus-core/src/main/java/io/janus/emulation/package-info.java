/**
 * The completion face over any poller.
 *
 * <p>Comes from: {@code readiness} and {@code socket}. Goes to: {@code completion}. Owns: the operations that wait for readiness. Never: knows which kernel the poller stands on.
 */
@NullMarked
package io.janus.emulation;

import org.jspecify.annotations.NullMarked;
