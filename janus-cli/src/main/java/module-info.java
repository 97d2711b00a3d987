import org.jspecify.annotations.NullMarked;

/** The Janus command line. */
@NullMarked
module io.janus.cli {
  requires HdrHistogram;
  requires info.picocli;
  requires io.janus.core;
  requires java.management;
  requires jdk.unsupported;
  requires static org.jspecify;

  opens io.janus.cli to
      info.picocli;
  opens io.janus.cli.terminal to
      info.picocli;
}
