package io.janus.cli.terminal;

import io.janus.ffi.OsError;
import io.janus.socket.Address;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Says what is wrong about a socket's path, where the system says only that something is missing or in use. */
public final class UnixPath {
  private UnixPath() {}

  /** The error in words, with what is missing or in the way and the remedy if it is about a path. */
  public static String explain(Address address, OsError error) {
    if (!(address instanceof Address.Unix unix)) {
      return error.toString();
    }
    try {
      Path socket = Path.of(unix.path()).toAbsolutePath();
      return switch (error.kind()) {
        case NOT_FOUND -> missing(socket, error);
        case ADDRESS_IN_USE -> inTheWay(socket, error);
        default -> error.toString();
      };
    } catch (InvalidPathException e) {
      return error.toString();
    }
  }

  private static String missing(Path socket, OsError error) {
    Path missing = missingFolder(socket);
    return missing == null
        ? "there is no socket at this path (" + error.name()
            + "); start the server, or check the path"
        : "the directory " + missing + " is missing (" + error.name()
            + "); create it with `mkdir -p " + socket.getParent()
            + "`, or use a path in a directory that exists";
  }

  /** A server that was killed leaves its file, and only a connect tells it from that of one that lives. */
  private static String inTheWay(Path socket, OsError error) {
    if (Files.isRegularFile(socket) || Files.isDirectory(socket)) {
      return "what is at this path already is no socket (" + error.name() + "); use another path";
    }
    try (SocketChannel asked = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      asked.configureBlocking(false);
      asked.connect(UnixDomainSocketAddress.of(socket));
      return "another server listens at this path (" + error.name()
          + "); stop it, or use another path";
    } catch (ConnectException e) {
      return "nobody listens at this path, a file is left over (" + error.name()
          + "); remove it with `rm " + socket + "`";
    } catch (IOException e) {
      // Its queue is full, or it is not ours: somebody has it in use.
      return error.toString();
    }
  }

  /** The first directory on the way to the socket that does not exist, or null if all do. */
  private static @Nullable Path missingFolder(Path socket) {
    Path missing = null;
    for (Path at = socket.getParent(); at != null && !Files.exists(at); at = at.getParent()) {
      missing = at;
    }
    return missing;
  }
}
