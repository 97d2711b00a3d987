package io.janus.cli.terminal;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Says which part of a socket's path is missing, where the system says only that something is. */
public final class UnixPath {
  private UnixPath() {}

  /** The error in words, with the missing part and the remedy if it is about a path. */
  public static String explain(Address address, OsError error) {
    if (!(address instanceof Address.Unix unix) || error.kind() != ErrorKind.NOT_FOUND) {
      return error.toString();
    }
    try {
      Path socket = Path.of(unix.path()).toAbsolutePath();
      Path missing = missingFolder(socket);
      return missing == null
          ? "there is no socket at this path (" + error.name()
              + "); start the server, or check the path"
          : "the directory " + missing + " is missing (" + error.name()
              + "); create it with `mkdir -p " + socket.getParent()
              + "`, or use a path in a directory that exists";
    } catch (InvalidPathException e) {
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
