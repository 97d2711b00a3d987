/**
 * Native completion on Windows: I/O completion ports.
 *
 * <p>Comes from: {@code completion}, {@code buffer}, {@code socket} and {@code ffi}. Goes to: {@code completion}, whose {@code
 * CompletionPort.open} opens it. Owns: one port for each loop's thread and the memory of the operations in it. Never: frees or reuses
 * what the system may still write to; closes a socket with anything in flight.
 */
@NullMarked
package io.janus.completion.iocp;

import org.jspecify.annotations.NullMarked;
