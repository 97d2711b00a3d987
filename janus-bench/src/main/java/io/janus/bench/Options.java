package io.janus.bench;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the command line of {@link EchoComparison} asks for. */
record Options(
    Mode mode,
    @Nullable List<String> servers,
    LoadShape load,
    int rounds,
    int windows,
    int idleConnections,
    boolean systemCalls,
    @Nullable Path json) {

  enum Mode {
    COMPARE,
    IDLE_COST,
    SCALE,
    WAKES
  }

  private static final int BULK_BYTES = 1 << 20;

  static final String USAGE =
      """
          usage: janus-bench/run [OPTION]...
            --servers A,B,...   c-epoll,c-uring,c-uring-64,c-uring-256,bare-epoll,nio,
                                netty-epoll,netty-uring,netty-nio,
                                janus-epoll,janus-emulated,janus-uring,janus-uring-direct,
                                janus-uring-zc (sends of 4 KiB and more are not copied);
                                what cannot run is left out
            --connections N     active connections (1000)
            --size BYTES        bytes of a message (64)
            --depth N           messages under way on each connection (1)
            --seconds S         length of a measured window (2)
            --warmup S          load on each server after its start (8)
            --rounds N          starts of each server (3)
            --windows N         windows for each start, the servers taking turns (6); all servers
                                of a round live at the same time, so that the turns are short
            --idle N            silent connections beside the active ones (0)
            --bulk              one connection with messages of 1 MiB, so that MB/s and CPU by MiB
                                can be read from the tables
            --no-syscalls       leave the count of system calls per message out
            --idle-cost N       instead: bytes of memory an idle connection costs, with N of them
            --scale             instead: cost per message with 190 active connections of 19,000
                                against the same 190 of 1,000
            --wakes             instead: what it costs to wake a thread that sleeps in a ring, by the
                                ways there are
            --json FILE         write every figure to FILE too
          """;

  static Options parse(String[] args) {
    Draft draft = new Draft();
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      if (option.equals("--scale")) {
        draft.mode = Mode.SCALE;
      } else if (option.equals("--wakes")) {
        draft.mode = Mode.WAKES;
      } else if (option.equals("--bulk")) {
        draft.connections = 1;
        draft.size = BULK_BYTES;
      } else if (option.equals("--no-syscalls")) {
        draft.systemCalls = false;
      } else if (i + 1 < args.length) {
        draft.set(option, args[++i]);
      } else {
        throw new IllegalArgumentException("not an option, or its value is missing: " + option);
      }
    }
    return draft.build();
  }

  private static final class Draft {
    private Mode mode = Mode.COMPARE;
    private @Nullable List<String> servers;
    private int connections = 1000;
    private int size = 64;
    private int depth = 1;
    private double seconds = 2;
    private double warmup = 8;
    private int rounds = 3;
    private int windows = 6;
    private int idle;
    private int idleConnections;
    private boolean systemCalls = true;
    private @Nullable Path json;

    private void set(String option, String value) {
      switch (option) {
        case "--servers" -> servers = List.of(value.split(","));
        case "--connections" -> connections = Integer.parseInt(value);
        case "--size" -> size = Integer.parseInt(value);
        case "--depth" -> depth = Integer.parseInt(value);
        case "--seconds" -> seconds = Double.parseDouble(value);
        case "--warmup" -> warmup = Double.parseDouble(value);
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--windows" -> windows = Integer.parseInt(value);
        case "--idle" -> idle = Integer.parseInt(value);
        case "--json" -> json = Path.of(value);
        case "--idle-cost" -> {
          mode = Mode.IDLE_COST;
          idleConnections = Integer.parseInt(value);
        }
        default -> throw new IllegalArgumentException("not an option: " + option);
      }
    }

    private Options build() {
      if (rounds < 1 || windows < 1 || (mode == Mode.IDLE_COST && idleConnections < 1)) {
        throw new IllegalArgumentException(
            "--rounds, --windows and --idle-cost must be at least 1");
      }
      LoadShape load = new LoadShape(connections, size, depth, seconds, warmup, idle);
      return new Options(
          mode, servers, load, rounds, windows, idleConnections, systemCalls, json);
    }
  }
}
