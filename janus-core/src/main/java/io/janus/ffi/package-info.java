/**
 * What the operating system's errors mean.
 *
 * <p>Comes from: the C library. Goes to: every room and the public edge. Owns: the tables of errors, with kind, sentence and remedy. Never: decides what to do about an error.
 */
@NullMarked
package io.janus.ffi;

import org.jspecify.annotations.NullMarked;
