/**
 * Readiness by polls of the AFD device, whose answers come through a completion port.
 *
 * <p>Comes from: {@code ffi.windows}. Goes to: {@code readiness}. Owns: the port, the handles of the device and the memory of every poll. Never: frees memory of a poll whose packet has not been dequeued.
 */
@NullMarked
package io.janus.readiness.afd;

import org.jspecify.annotations.NullMarked;
