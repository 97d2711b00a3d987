/**
 * Readiness: which sockets can be read or written now.
 *
 * <p>Comes from: the kernel, by a backend in {@code readiness.epoll} or {@code readiness.afd}. Goes to: {@code emulation}, the managers and applications that port epoll code. Owns: registrations, and the token of each. Never: reads, writes or closes a socket.
 */
@NullMarked
package io.janus.readiness;

import org.jspecify.annotations.NullMarked;
