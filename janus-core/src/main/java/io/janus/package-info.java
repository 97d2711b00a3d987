/**
 * The door: {@link io.janus.Janus} opens an engine, listens and connects.
 *
 * <p>Comes from: all rooms. Goes to: applications. Owns: the loops of an engine. Never: touches a byte of a connection.
 */
@NullMarked
package io.janus;

import org.jspecify.annotations.NullMarked;
