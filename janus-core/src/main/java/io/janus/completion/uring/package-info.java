/**
 * Native completion on Linux: io_uring(7).
 *
 * <p>Comes from: {@code completion}, {@code buffer} and {@code ffi}. Goes to: {@code completion}, whose {@code CompletionPort.open} opens
 * it. Owns: one ring for each loop's thread, its provided buffers and its direct descriptors. Never: frees what the kernel may still
 * write to.
 */
@NullMarked
package io.janus.completion.uring;

import org.jspecify.annotations.NullMarked;
