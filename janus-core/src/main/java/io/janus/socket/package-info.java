/**
 * What the process knows of a socket: open, bind, options, addresses, and the verbs that end at once.
 *
 * <p>Comes from: {@code ffi} and {@code buffer}. Goes to: pollers, ports and managers. Owns: the encoding of addresses and the system's names of options. Never: waits; a verb that would wait says WOULD_BLOCK.
 */
@NullMarked
package io.janus.socket;

import org.jspecify.annotations.NullMarked;
