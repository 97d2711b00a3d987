/**
 * C of Windows and nothing else: one class per header, one per struct.
 *
 * <p>Comes from: kernel32, ws2_32 and ntdll. Goes to: {@code socket} and the backends. Owns: the descriptors of functions and layouts of structs. Never: loops, logs or decides; the method is the call. Classes of structs and numbers link nothing and work on every system.
 */
@NullMarked
package io.janus.ffi.windows;

import org.jspecify.annotations.NullMarked;
