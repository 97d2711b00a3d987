/**
 * C of Linux and nothing else: one class per header, one per struct.
 *
 * <p>Comes from: the C library. Goes to: {@code socket} and the backends. Owns: the descriptors of functions and layouts of structs. Never: loops, logs or decides; the method is the call.
 */
@NullMarked
package io.janus.ffi.linux;

import org.jspecify.annotations.NullMarked;
