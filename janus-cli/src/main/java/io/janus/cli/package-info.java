/**
 * The commands that a person runs.
 *
 * <p>Comes from: the arguments. Goes to: the engine's door and the rooms {@code terminal}, {@code load} and {@code compare}. Owns: options, help and exit codes. Never: measures or formats a number itself.
 */
@NullMarked
package io.janus.cli;

import org.jspecify.annotations.NullMarked;
