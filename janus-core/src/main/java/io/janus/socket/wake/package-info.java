/**
 * Ending a wait from another thread, for whatever is waited with.
 *
 * <p>Comes from: any thread. Goes to: the backends of room 4, which watch it. Owns: one descriptor for each wait, and the handshake that spares a
 * call when the waiter is awake already. Never: waits.
 */
@NullMarked
package io.janus.socket.wake;

import org.jspecify.annotations.NullMarked;
