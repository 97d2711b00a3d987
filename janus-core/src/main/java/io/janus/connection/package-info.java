/**
 * A connection from open to its last completion.
 *
 * <p>Comes from: {@code loop}, and a poller or a port. Goes to: the application's {@code Handler}. Owns: connections, their outbound bytes, limits and deadlines. Never: knows which kernel it runs on.
 */
@NullMarked
package io.janus.connection;

import org.jspecify.annotations.NullMarked;
