import org.jspecify.annotations.NullMarked;

/** The Janus command line. */
@NullMarked
module io.janus.cli {
  requires info.picocli;
  requires io.janus.core;
  requires static org.jspecify;

  opens io.janus.cli to
      info.picocli;
}
