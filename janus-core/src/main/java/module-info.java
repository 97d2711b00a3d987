import org.jspecify.annotations.NullMarked;

/**
 * The Janus networking engine: readiness and completion on one kernel, called through java.lang.foreign. The bindings
 * ({@code ffi.call}, {@code ffi.linux}, {@code ffi.windows}) and the backends stay inside, so that native access ends at this module.
 */
@NullMarked
module io.janus.core {
  requires static transitive org.jspecify;

  exports io.janus;
  exports io.janus.buffer;
  exports io.janus.completion;
  exports io.janus.connection;
  exports io.janus.emulation;
  exports io.janus.ffi;
  exports io.janus.limit;
  exports io.janus.loop;
  exports io.janus.readiness;
  exports io.janus.socket;
}
