/**
 * What all commands share at the edge to a person or a script.
 *
 * <p>Comes from: any command. Goes to: the terminal. Owns: forms of arguments, error sentences, exit codes, signals, progress and JSON. Never: knows what a command does.
 */
@NullMarked
package io.janus.cli.terminal;

import org.jspecify.annotations.NullMarked;
