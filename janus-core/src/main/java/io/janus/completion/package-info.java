/**
 * Completion: the operation is done, here are its bytes.
 *
 * <p>Comes from: the kernel, by a backend, or {@code emulation}. Goes to: the managers and applications that port IOCP code. Owns: the operations in flight and the buffers given to them; the thread below a shared port. Never: calls back; completions are taken by await.
 */
@NullMarked
package io.janus.completion;

import org.jspecify.annotations.NullMarked;
