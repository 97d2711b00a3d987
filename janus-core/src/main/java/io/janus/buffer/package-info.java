/**
 * Native memory with one owner at a time.
 *
 * <p>Comes from: {@code ffi} (mapped memory). Goes to: {@code socket}, {@code completion}, {@code connection} and
 * applications. Owns: every byte that the kernel may read or write for a connection. Never: frees, moves or resizes memory
 * that is given away.
 */
@NullMarked
package io.janus.buffer;

import org.jspecify.annotations.NullMarked;
