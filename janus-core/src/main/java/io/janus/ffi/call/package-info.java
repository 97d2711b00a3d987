/**
 * Linking C functions.
 *
 * <p>Comes from: the JVM's linker. Goes to: the bindings of one system. Owns: method handles, the errno cell, mapped memory, the seam for injected faults. Never: knows a socket or a connection; is not exported.
 */
@NullMarked
package io.janus.ffi.call;

import org.jspecify.annotations.NullMarked;
