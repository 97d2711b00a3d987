/**
 * What Linux and Windows have both taken over from BSD, in the same bytes.
 *
 * <p>Comes from: sys/socket.h and ws2def.h. Goes to: the bindings of both systems and {@code socket}. Owns: the layout of addresses. Never: links a function.
 */
@NullMarked
package io.janus.ffi.bsd;

import org.jspecify.annotations.NullMarked;
