/**
 * One thread and its order of work.
 *
 * <p>Comes from: a source of events above or below. Goes to: {@code connection} and applications. Owns: the thread, its mailbox and its deadlines. Never: knows a socket.
 */
@NullMarked
package io.janus.loop;

import org.jspecify.annotations.NullMarked;
