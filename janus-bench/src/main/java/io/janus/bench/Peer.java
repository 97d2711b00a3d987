package io.janus.bench;

import java.util.List;

/**
 * A server to compare: a name, and the command that starts it.
 *
 * @param java whether the process is a JVM, whose heap is then measured by itself
 */
record Peer(String name, List<String> command, boolean java) {}
