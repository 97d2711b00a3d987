/** Small programs on Janus, each runnable: see {@code examples/run}. */
package io.janus.examples;
