/**
 * Readiness by epoll(7).
 *
 * <p>Comes from: {@code ffi.linux}. Goes to: {@code readiness}. Owns: the epoll descriptor, its eventfd and the registrations. Never: delivers an event of a registration that is gone.
 */
@NullMarked
package io.janus.readiness.epoll;

import org.jspecify.annotations.NullMarked;
